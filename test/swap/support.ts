import { type Engine, Processors } from "../../sim/engine/index.ts";
import { blindSwapObserver, type SwapTarget, type SwapTransport, strategies } from "../../sim/swap/index.ts";

/** What a test has to say of a transport beside its strategy. */
interface TransportSetup {
  readonly strategy: string;
  readonly target: SwapTarget;
  readonly options?: Readonly<Record<string, boolean | string>>;
  readonly faults?: readonly string[];
  readonly log?: (line: string) => void;
}

/** The way to the disk that a strategy opens, on one processor, with memory for whatever it allocates. */
export function openTransport(
  engine: Engine,
  { strategy, target, options = {}, faults = [], log }: TransportSetup,
): SwapTransport {
  return strategies.require(strategy).open(
    {
      engine,
      processors: new Processors(engine, 1),
      observer: blindSwapObserver,
      target,
      poolPages: { take: () => true, give() {} },
      owner: 1,
      faults: new Set(faults),
      ...(log && { log }),
    },
    options,
  );
}
