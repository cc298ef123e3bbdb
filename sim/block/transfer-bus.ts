import { type Duration, type Instant, removeAt } from "../engine/index.ts";
import type { Request } from "./request.ts";

/**
 * The bus that all channels of a device share. Whoever has its data ready first gets it first, so that a fast read
 * overtakes a slow write. When that will be is known as soon as a request is begun: its end is computed at once, and
 * computed again if one that is ready earlier comes in between.
 */
export class TransferBus {
  /** Requests whose data has not arrived yet, in the order of their turns. */
  readonly #turns: Request[] = [];

  /** Gives a request its turn; `endsAt` of those behind it may move back. */
  join(request: Request, readyAt: Instant, transfer: Duration): void {
    request.readyAt = readyAt;
    request.transfer = transfer;
    const turns = this.#turns;
    let at = turns.length;
    while (at > 0 && turns[at - 1]!.readyAt > readyAt) at--;
    turns.push(request);
    for (let behind = turns.length - 1; behind > at; behind--) turns[behind] = turns[behind - 1]!;
    turns[at] = request;
    let free = at > 0 ? turns[at - 1]!.endsAt : 0;
    for (; at < turns.length; at++) {
      const turn = turns[at]!;
      turn.endsAt = Math.max(turn.readyAt, free) + turn.transfer;
      free = turn.endsAt;
    }
  }

  /** A power loss: what was on its way does not arrive. */
  abandon(): void {
    this.#turns.length = 0;
  }

  /** The data of a request has arrived. */
  leave(request: Request): void {
    removeAt(this.#turns, this.#turns.indexOf(request));
  }
}
