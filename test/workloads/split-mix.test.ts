import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BLOCK, FRACTIONS, fraction, modulo, SplitMix64 } from "../../workloads/patterns/split-mix.ts";

const wrap = (x: bigint): bigint => BigInt.asUintN(64, x);

/** Draw number `index` (from 1) as the publication has it, in 64-bit whole numbers. */
function reference(seed: bigint, index: bigint): bigint {
  let z = wrap(seed + index * 0x9e3779b97f4a7c15n);
  z = wrap((z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n);
  z = wrap((z ^ (z >> 27n)) * 0x94d049bb133111ebn);
  return z ^ (z >> 31n);
}

function drawn(draws: SplitMix64, index: number): bigint {
  return (BigInt(draws.high[index]! >>> 0) << 32n) | BigInt(draws.low[index]! >>> 0);
}

const word = fc.bigInt({ min: 0n, max: 0xffff_ffff_ffff_ffffn });
const half = fc.integer({ min: -0x8000_0000, max: 0x7fff_ffff });

describe("splitmix64", () => {
  it("gives the published numbers for seed 1234567", () => {
    const draws = new SplitMix64(1234567n);
    draws.draw(3);
    expect([0, 1, 2].map((index) => drawn(draws, index))).toEqual([
      6457827717110365317n,
      3203168211198807973n,
      9817491932198370423n,
    ]);
  });

  // Only for some 30 numbers out of 2^32 the product of the halves, as a double, falls short of the true one.
  it.each([7046029254404933756n, 13374568128415658973n])(
    "is exact where rounding is worst, seed %d",
    (seed) => {
      const draws = new SplitMix64(seed);
      draws.draw(1);
      expect(drawn(draws, 0)).toBe(reference(seed, 1n));
    },
  );

  it("gives every k-th draw from any seed, across blocks", () => {
    fc.assert(
      fc.property(
        word,
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 1, max: 3 }),
        (seed, first, every) => {
          const draws = new SplitMix64(seed, first, every);
          draws.draw(BLOCK);
          expect(drawn(draws, BLOCK - 1)).toBe(reference(seed, BigInt(first + (BLOCK - 1) * every)));
          draws.draw(3);
          for (let index = 0; index < 3; index++) {
            expect(drawn(draws, index)).toBe(reference(seed, BigInt(first + (BLOCK + index) * every)));
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  it("is exact modulo any bound up to 2^26", () => {
    const bound = fc.oneof(fc.integer({ min: 1, max: 2 ** 26 }), fc.integer({ min: 1, max: 8 }));
    fc.assert(
      fc.property(half, half, bound, (high, low, n) => {
        const whole = (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
        expect(modulo(high, low, n)).toBe(Number(whole % BigInt(n)));
      }),
      { numRuns: 5000 },
    );
  });

  it("is exact modulo large bounds next to multiples of them, where the quotient is wrong by one", () => {
    expect(modulo(1362248009, 208176139, 37857883)).toBe(
      Number(((1362248009n << 32n) | 208176139n) % 37857883n),
    );
    const factor = fc.bigInt({ min: 1n, max: 2n ** 38n - 2n });
    const large = fc.integer({ min: 2 ** 25, max: 2 ** 26 });
    fc.assert(
      fc.property(factor, large, fc.integer({ min: -20, max: 20 }), (times, n, beside) => {
        const whole = times * BigInt(n) + BigInt(beside);
        const high = Number(BigInt.asIntN(32, whole >> 32n));
        const low = Number(BigInt.asIntN(32, whole));
        expect(modulo(high, low, n)).toBe((beside + n) % n);
      }),
      { numRuns: 5000 },
    );
  });

  it.each([1, 2, 3, 1000, 2 ** 25 + 1, 2 ** 26 - 1, 2 ** 26])(
    "is exact modulo %d next to multiples of it",
    (n) => {
      const top = 2n ** 64n - (2n ** 64n % BigInt(n));
      for (const whole of [0n, 1n, top - 1n, top % 2n ** 64n, 2n ** 64n - 1n, 2n ** 32n, 2n ** 32n - 1n]) {
        const high = Number(BigInt.asIntN(32, whole >> 32n));
        const low = Number(BigInt.asIntN(32, whole));
        expect(modulo(high, low, n), `${whole}`).toBe(Number(whole % BigInt(n)));
      }
    },
  );

  it("has fractions of 53 bits", () => {
    expect(fraction(-1, -1)).toBe(FRACTIONS - 1);
    expect(fraction(0, 0x7ff)).toBe(0);
    expect(fraction(0, 0x800)).toBe(1);
    expect(fraction(-0x8000_0000, 0)).toBe(FRACTIONS / 2);
  });
});
