import cliProgress from "cli-progress";
import type { Progress } from "../../sim/index.ts";

/** Shows how far each variant has come. */
export interface ProgressDisplay {
  update(variant: string, progress: Progress): void;
  end(variant: string): void;
  close(): void;
}

/** For output that nobody watches. */
export const noProgress: ProgressDisplay = {
  update() {},
  end() {},
  close() {},
};

/** One bar for each variant with simulated time and the time it will still take; gone when all is done. */
export function progressBars(stream: NodeJS.WriteStream): ProgressDisplay {
  const bars = new cliProgress.MultiBar({
    stream,
    format: "{variant} {bar} {now} of {planned} s simulated, {eta_formatted} left",
    clearOnComplete: true,
    hideCursor: true,
    barsize: 30,
  });
  const byVariant = new Map<string, cliProgress.SingleBar>();
  return {
    update(variant, { simulatedNs, durationNs }) {
      const now = (simulatedNs / 1e9).toFixed(1).padStart(6);
      const planned = (durationNs / 1e9).toFixed(0);
      const bar =
        byVariant.get(variant) ?? bars.create(durationNs, 0, { variant: variant.padEnd(12), now, planned });
      byVariant.set(variant, bar);
      bar.update(simulatedNs, { now });
    },
    end: (variant) => byVariant.get(variant)?.stop(),
    close: () => bars.stop(),
  };
}
