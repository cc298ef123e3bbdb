import { Registry } from "../../engine/index.ts";
import { dmCrypt } from "./dm-crypt.ts";
import { loop } from "./loop.ts";
import type { StackedKind } from "./stacked-device.ts";

export type { BackingFile, Below } from "./stacked-device.ts";

/** Every kind of device that lies over something else. */
export const stackedDevices: Registry<StackedKind> = new Registry("stacked device", [loop, dmCrypt]);
