/** A policy written down as simply as it can be, for comparison: access, true for a hit. */
export type Model = (page: number) => boolean;

/** Removes an element and says whether it was there. */
function take(list: number[], page: number): boolean {
  const index = list.indexOf(page);
  if (index >= 0) list.splice(index, 1);
  return index >= 0;
}

/*
 * Lists have their oldest element first.
 */

function fifo(capacity: number): Model {
  const queue: number[] = [];
  return (page) => {
    if (queue.includes(page)) return true;
    if (queue.length === capacity) queue.shift();
    queue.push(page);
    return false;
  };
}

function lru(capacity: number): Model {
  const queue: number[] = [];
  return (page) => {
    const isHit = take(queue, page);
    if (!isHit && queue.length === capacity) queue.shift();
    queue.push(page);
    return isHit;
  };
}

/** FIFO with reinsertion, which is the same as a hand going round. */
function clock(capacity: number): Model {
  const queue: number[] = [];
  const used = new Set<number>();
  return (page) => {
    if (queue.includes(page)) {
      used.add(page);
      return true;
    }
    if (queue.length === capacity) {
      while (used.delete(queue[0]!)) queue.push(queue.shift()!);
      queue.shift();
    }
    queue.push(page);
    return false;
  };
}

/** The four cases of the paper's figure, in its order. */
function arc(capacity: number): Model {
  const [t1, t2, b1, b2]: number[][] = [[], [], [], []] as const;
  let p = 0;
  const replace = (isInB2: boolean): void => {
    if (t1!.length >= 1 && ((isInB2 && t1!.length === p) || t1!.length > p)) b1!.push(t1!.shift()!);
    else b2!.push(t2!.shift()!);
  };
  return (page) => {
    if (take(t1!, page) || take(t2!, page)) {
      t2!.push(page);
      return true;
    }
    if (b1!.includes(page)) {
      p = Math.min(capacity, p + Math.max(b2!.length / b1!.length, 1));
      replace(false);
      take(b1!, page);
      t2!.push(page);
      return false;
    }
    if (b2!.includes(page)) {
      p = Math.max(0, p - Math.max(b1!.length / b2!.length, 1));
      replace(true);
      take(b2!, page);
      t2!.push(page);
      return false;
    }
    const known = t1!.length + t2!.length + b1!.length + b2!.length;
    if (t1!.length + b1!.length === capacity) {
      if (t1!.length < capacity) {
        b1!.shift();
        replace(false);
      } else {
        t1!.shift();
      }
    } else if (known >= capacity) {
      if (known === 2 * capacity) b2!.shift();
      replace(false);
    }
    t1!.push(page);
    return false;
  };
}

function s3Fifo(capacity: number): Model {
  const smallTarget = Math.max(1, Math.floor(capacity / 10));
  const small: number[] = [];
  const main: number[] = [];
  const ghosts: number[] = [];
  const uses = new Map<number, number>();
  const evictSmall = (): boolean => {
    for (let page = small.shift(); page !== undefined; page = small.shift()) {
      if (uses.get(page)! <= 1) {
        ghosts.push(page);
        if (ghosts.length > capacity - smallTarget) ghosts.shift();
        return true;
      }
      main.push(page);
      uses.set(page, 0);
    }
    return false;
  };
  const evictMain = (): void => {
    for (let page = main.shift()!; uses.get(page)! > 0; page = main.shift()!) {
      uses.set(page, uses.get(page)! - 1);
      main.push(page);
    }
  };
  return (page) => {
    if (small.includes(page) || main.includes(page)) {
      uses.set(page, Math.min(3, uses.get(page)! + 1));
      return true;
    }
    const wasGhost = take(ghosts, page);
    if (small.length + main.length === capacity && !(small.length >= smallTarget && evictSmall()))
      evictMain();
    (wasGhost ? main : small).push(page);
    uses.set(page, 0);
    return false;
  };
}

function min(capacity: number, string: Uint32Array): Model {
  const inMemory = new Set<number>();
  let now = 0;
  const nextUse = (page: number): number => {
    const next = string.indexOf(page, now + 1);
    return next < 0 ? string.length : next;
  };
  return (page) => {
    const isHit = inMemory.has(page);
    if (!isHit && inMemory.size === capacity) {
      const [victim] = [...inMemory].sort((left, right) => nextUse(right) - nextUse(left));
      inMemory.delete(victim!);
    }
    inMemory.add(page);
    now++;
    return isHit;
  };
}

/** The models by policy. Drawing lots has none. */
export const MODELS: Readonly<Record<string, (capacity: number, string: Uint32Array) => Model>> = {
  fifo,
  lru,
  clock,
  arc,
  "s3-fifo": s3Fifo,
  min,
};
