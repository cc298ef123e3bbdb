import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { exp, ln, pow, SimulationBug } from "../../sim/engine/index.ts";

const view = new DataView(new ArrayBuffer(8));

function bitsOf(x: number): bigint {
  view.setFloat64(0, x);
  return view.getBigInt64(0);
}

/** How many doubles one has to step over from one number to another of the same sign. */
function stepsBetween(a: number, b: number): number {
  return Math.abs(Number(bitsOf(a) - bitsOf(b)));
}

/** whole * 2^exponent, exactly. */
interface Exact {
  readonly whole: bigint;
  readonly exponent: number;
}

function exactly(x: number): Exact {
  const biased = Number(bitsOf(x) >> 52n);
  const fraction = bitsOf(x) & 0xf_ffff_ffff_ffffn;
  return biased === 0
    ? { whole: fraction, exponent: -1074 }
    : { whole: fraction | (1n << 52n), exponent: biased - 1075 };
}

/** The sign of a^16 - x^sixteenths, without any rounding. */
function compareRoot(a: Exact, x: Exact, sixteenths: number): number {
  const power = x.whole ** BigInt(Math.abs(sixteenths));
  let left = a.whole ** 16n * (sixteenths < 0 ? power : 1n);
  let right = sixteenths < 0 ? 1n : power;
  const shift = BigInt(16 * a.exponent - sixteenths * x.exponent);
  if (shift > 0n) left <<= shift;
  else right <<= -shift;
  return left < right ? -1 : left > right ? 1 : 0;
}

/** Whether `result`, a normal double, differs from x^(sixteenths/16) by at most `parts`/256 of its last bit. */
function isWithin(parts: bigint, result: number, x: number, sixteenths: number): boolean {
  const { whole, exponent } = exactly(result);
  const below: Exact = { whole: whole * 256n - parts, exponent: exponent - 8 };
  const above: Exact = { whole: whole * 256n + parts, exponent: exponent - 8 };
  const base = exactly(x);
  return compareRoot(below, base, sixteenths) <= 0 && compareRoot(above, base, sixteenths) >= 0;
}

const mantissa = fc.double({ min: 1, max: 2, noNaN: true });
const moderate = fc.tuple(mantissa, fc.integer({ min: -9, max: 8 })).map(([m, e]) => m * 2 ** e);

describe("pow", () => {
  it("is wrong by less than 0.504 of the last bit", () => {
    fc.assert(
      fc.property(moderate, fc.integer({ min: -160, max: 160 }), (x, sixteenths) => {
        expect(isWithin(129n, pow(x, sixteenths / 16), x, sixteenths)).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  it("gives the double nearest to a power, wherever the table is entered", () => {
    for (let step = 0; step < 1000; step++) {
      const x = 0.6 + step * 0.000_987_654_321;
      const sixteenths = ((step * 37) % 641) - 320;
      expect(isWithin(128n, pow(x, sixteenths / 16), x, sixteenths), `${x} ^ ${sixteenths}/16`).toBe(true);
    }
  });

  it("rounds whole powers of whole numbers to even when they lie between two doubles", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 27 }), fc.integer({ min: 0, max: 37 }), (x, n) => {
        expect(pow(x, n)).toBe(Number(BigInt(x) ** BigInt(n)));
      }),
      { numRuns: 1000 },
    );
  });

  // Each power is odd and has 54 bits, so it lies in the middle between two doubles.
  it.each([
    [94_906_267, 2, 1],
    [94_906_273, 2, 1],
    [208_065, 3, 1],
    [208_065, 3, 2],
    [1_553, 5, 4],
    [3, 34, 1],
  ])("rounds %d^%d to even, also as a power of its base to the %d", (root, n, whole) => {
    expect((BigInt(root) ** BigInt(n)).toString(2)).toMatch(/^1[01]{52}1$/);
    expect(pow(root ** whole, n / whole)).toBe(Number(BigInt(root) ** BigInt(n)));
  });

  it("is exact for powers of two as far as doubles go", () => {
    for (let n = -1074; n <= 1023; n++) {
      expect(pow(2, n)).toBe(2 ** n);
      if (n % 2 === 0) expect(pow(4, n / 2)).toBe(2 ** n);
      expect(pow(0.5, -n)).toBe(2 ** n);
    }
  });

  it("has the neutral cases x^0, x^1, 1^y, 0^y and the square root", () => {
    fc.assert(
      fc.property(fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }), (x) => {
        expect(pow(x, 0)).toBe(1);
        expect(pow(x, 1)).toBe(x);
        expect(pow(1, x)).toBe(1);
        expect(pow(1, -x)).toBe(1);
        expect(pow(x, 0.5)).toBe(Math.sqrt(x));
        if (x > 0) expect(pow(0, x)).toBe(0);
      }),
    );
  });

  // Nearest doubles, computed with 60 decimal digits.
  it.each([
    [2, -0.9, 0.5358867312681466],
    [3, -0.9, 0.3720410580113015],
    [16384, -0.9, 0.00016107274301426928],
    [40000, -0.9, 7.213499529536067e-5],
    [67108863, -0.9, 9.034374873863106e-8],
    [7, -1.1, 0.11759589342757773],
    [1000003, -0.75, 3.1622705450623214e-5],
    [10, 0.3, 1.9952623149688795],
    [1.0000000000000002, 1e15, 1.2486270715390861],
    [0.9999999999999999, -3e15, 1.3952406472536143],
    [1.5, 1700.25, 2.5070512348557902e299],
    [1e-300, -1.02, 1.0000000000000122e306],
    // Large powers of numbers near 1 show every bit of the logarithm.
    [0.998122, -206748, 6.070819424946357e168],
    [1.002635, -220935, 3.17707044268082e-253],
    [1.002473, 230393, 1.3771550424335305e247],
    [1e-310, 0.001, 0.4897788193684462],
    [123456.789, -60.9, 8.4476884820617e-311],
    [3, -677, 1e-323],
    [0.7, 2085, 1e-323],
  ])("%d ^ %d is %d", (x, y, power) => {
    expect(pow(x, y)).toBe(power);
  });

  it("overflows to infinity and underflows to 0, with a tie at half of the smallest double going to 0", () => {
    expect(pow(2, 1023.9999999999999)).toBeLessThan(Number.POSITIVE_INFINITY);
    expect(pow(2, 1024)).toBe(Number.POSITIVE_INFINITY);
    expect(pow(2, -1075)).toBe(0);
    expect(pow(2, -1074.9999)).toBe(Number.MIN_VALUE);
    expect(pow(1e300, 1e300)).toBe(Number.POSITIVE_INFINITY);
    expect(pow(3, -1e300)).toBe(0);
    expect(pow(0.9, -1e300)).toBe(Number.POSITIVE_INFINITY);
    expect(pow(0.9, 1e300)).toBe(0);
    expect(pow(3, 1e-300)).toBe(1);
  });

  // Math.pow of some engines loses digits when the result is large or small, so this stays near 1.
  it("differs from Math.pow by at most one step", () => {
    fc.assert(
      fc.property(moderate, fc.double({ min: -1, max: 1, noNaN: true }), (x, y) => {
        expect(stepsBetween(pow(x, y), x ** y)).toBeLessThanOrEqual(1);
      }),
      { numRuns: 1000 },
    );
  });

  it.each([
    ["a negative base", -1, 2],
    ["a negative power of 0", 0, -1],
    ["NaN as base", Number.NaN, 2],
    ["NaN as exponent", 2, Number.NaN],
    ["an infinite base", Number.POSITIVE_INFINITY, 2],
    ["an infinite exponent", 2, Number.NEGATIVE_INFINITY],
  ])("refuses %s", (_, x, y) => {
    expect(() => pow(x, y)).toThrow(SimulationBug);
  });
});

describe("ln", () => {
  it.each([
    [1, 0],
    [2, Math.LN2],
    [10, Math.LN10],
    [0.2, -1.6094379124341003],
    [1.0000000000000002, 2.2204460492503128e-16],
    [0.9999999999999999, -1.1102230246251565e-16],
    [Math.SQRT2, 0.3465735902799727],
    [0.75, -0.2876820724517809],
    [1e308, 709.1962086421661],
    [5e-324, -744.4400719213812],
    [1e-310, -713.8013788281542],
    [123.456, 4.815884817283264],
    [0.99, -0.01005033585350145],
  ])("ln %d is %d", (x, logarithm) => {
    expect(ln(x)).toBe(logarithm);
  });

  it("differs from Math.log by at most one step", () => {
    fc.assert(
      fc.property(fc.double({ min: Number.MIN_VALUE, noNaN: true, noDefaultInfinity: true }), (x) => {
        expect(stepsBetween(ln(x), Math.log(x))).toBeLessThanOrEqual(1);
      }),
      { numRuns: 1000 },
    );
  });

  it.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])("refuses %d", (x) => {
    expect(() => ln(x)).toThrow(SimulationBug);
  });
});

describe("exp", () => {
  it.each([
    [0, 1],
    [1, Math.E],
    [-1, 0.36787944117144233],
    [0.5, 1.6487212707001282],
    [1e-17, 1],
    [-1e-300, 1],
    [1e-10, 1.0000000001],
    [-1e-10, 0.9999999999],
    [-0.0054, 0.9946145537913912],
    [100.25, 3.451610733125924e43],
    [709.78, 1.7928227943945155e308],
    [709.79, Number.POSITIVE_INFINITY],
    [-708.5, 2.006132305331306e-308],
    [-745, 5e-324],
    [-745.13, 5e-324],
    [-745.14, 0],
    [1e300, Number.POSITIVE_INFINITY],
    [-1e300, 0],
  ])("e ^ %d is %d", (x, power) => {
    expect(exp(x)).toBe(power);
  });

  it("differs from Math.exp by at most one step", () => {
    fc.assert(
      fc.property(fc.double({ min: -740, max: 709, noNaN: true }), (x) => {
        expect(stepsBetween(exp(x), Math.exp(x))).toBeLessThanOrEqual(1);
      }),
      { numRuns: 1000 },
    );
  });

  it("undoes ln", () => {
    fc.assert(
      fc.property(moderate, (x) => {
        expect(exp(ln(x)) / x).toBeCloseTo(1, 13);
      }),
    );
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])("refuses %d", (x) => {
    expect(() => exp(x)).toThrow(SimulationBug);
  });
});
