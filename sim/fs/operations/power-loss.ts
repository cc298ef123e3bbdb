import { step } from "../../engine/index.ts";
import { type Operation, unsupported } from "./operation.ts";

/** The power fails and comes back. */
export const powerLoss: Operation = {
  name: "power-loss",
  summary:
    "The power fails: tasks, swap and running steps end, writes that were not flushed are lost; mounts again and checks.",
  source: "an accident, no command; open_ctree after a crash and btrfs check, Linux 6.1",
  cutsPower: true,
  parameters: {},
  *run({ fs, losePower }) {
    yield step("power loss", fs);
    if (!fs.recover) return unsupported(fs, "power-loss");
    losePower();
    const broken = fs.check();
    if (broken.length === 0)
      return { errno: undefined, achieved: "mounted from the last commit; fsck found nothing", skipped: [] };
    return {
      errno: "EIO",
      achieved: `mounted from the last commit; fsck: ${broken.join("; ")}`,
      skipped: [],
    };
  },
};
