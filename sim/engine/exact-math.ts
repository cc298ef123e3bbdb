import { fail } from "./assert.ts";
import {
  add,
  type DoubleDouble,
  multiply,
  over,
  quickTwoSum,
  times,
  twoProduct,
  twoSum,
} from "./double-double.ts";

/**
 * ln, exp and pow with the same bits on every engine. The functions of `Math` may differ in the last bit between
 * engines and versions, and one bit is enough to change a run.
 *
 * Method: both functions are computed in double-double from a table and a short polynomial, and rounded once at the
 * end (as in P. T. P. Tang, "Table-driven implementation of the logarithm", ACM TOMS 1990, and in today's C
 * libraries). The tables are made once, on first use, by plain series.
 */

/** 2^54, which makes every subnormal number normal. */
const TWO_54 = 18_014_398_509_481_984;
/** The logarithm's table has a line for each multiple of 1/256 from 181/256 to 362/256 (sqrt(1/2) to sqrt(2)). */
const LOG_STEPS = 256;
const LOG_FIRST = 181;
const LOG_LAST = 362;
/** The exponential's table holds 2^(j/128). */
const EXP_STEPS = 128;
/** Terms of a series that are smaller than this do not change a double-double near 1. */
const NEGLIGIBLE = 1e-33;

/** Above this the result of `exp` exceeds the largest double, 1024 ln 2 being 709.78. */
const EXP_OVERFLOW = 710;
/** Below this it is less than half of the smallest double, 2^-1074. */
const EXP_UNDERFLOW = -746;
/** x^y is 1 to the last bit if |y| is below this (|ln x| is below 745). */
const POWER_NEGLIGIBLE = 2.7e-20;
/** x^y over- or underflows if |y| is above this and x is not 1 (|ln x| is at least 2^-53). */
const POWER_EXCESSIVE = 1.8e19;
/** Powers up to this can lie exactly between two doubles: 3^34 is the last power of 3 below 2^54. */
const WHOLE_POWER_MAX = 34;

interface Tables {
  readonly ln2: DoubleDouble;
  /** ln 2 / 128 */
  readonly expStep: DoubleDouble;
  /** ln(256 / (181 + i)), high and low parts. */
  readonly logHigh: Float64Array;
  readonly logLow: Float64Array;
  /** 2^(j / 128), high and low parts. */
  readonly expHigh: Float64Array;
  readonly expLow: Float64Array;
}

let made: Tables | undefined;
const powersOfTwo = makePowersOfTwo();
const bits = new DataView(new ArrayBuffer(8));

/** The natural logarithm; error below 0.51 ulp. Refused: zero, negative numbers, infinity and NaN. */
export function ln(x: number): number {
  if (!(x > 0 && x < Number.POSITIVE_INFINITY)) fail("ln takes a positive finite number");
  const { high, low } = logarithm(x);
  return high + low;
}

/**
 * e to the power of x; error below 0.51 ulp. Results out of range are infinity or 0, as in IEEE 754.
 * Refused: infinities and NaN.
 */
export function exp(x: number): number {
  if (!Number.isFinite(x)) fail("exp takes a finite number");
  return exponential(x, 0);
}

/**
 * x to the power of y, correctly rounded in practice: error below 0.504 ulp, and below 0.5001 ulp while the result is
 * between 1e-20 and 1e20. Exact results, ties and square roots are always right. x^0 is 1 (also 0^0); results out of range are infinity or 0, as in IEEE 754.
 * Refused: a negative base, a negative power of 0, infinities and NaN.
 */
export function pow(x: number, y: number): number {
  if (!(x >= 0 && x < Number.POSITIVE_INFINITY)) fail("pow takes a finite base that is not negative");
  if (!Number.isFinite(y)) fail("pow takes a finite exponent");
  if (y === 0 || x === 1) return 1;
  if (x === 0) return y > 0 ? 0 : fail("0 has no negative power");
  return exactPower(x, y) ?? roundedPower(x, y);
}

/** e^(y ln x): the general case, where x^y is known not to lie between two doubles. */
function roundedPower(x: number, y: number): number {
  const size = Math.abs(y);
  if (size < POWER_NEGLIGIBLE) return 1;
  if (size > POWER_EXCESSIVE) return x > 1 === y > 0 ? Number.POSITIVE_INFINITY : 0;
  const log = logarithm(x);
  const { high, low } = times(log, y);
  return exponential(high, low);
}

/**
 * The square root, and x^y if it may be a double or lie exactly between two: powers of a power of two, and small powers multiplied out,
 * with exact square roots taken of x until the power is whole (every product that matters is exact then). Undefined
 * for all others.
 */
function exactPower(x: number, y: number): number | undefined {
  const exponent = exponentOf(x);
  if (shifted(x, -exponent) === 1) {
    const { high, low } = twoProduct(exponent, y);
    return low === 0 && Number.isInteger(high) ? scaled(1, 0, high) : undefined;
  }
  if (y === 0.5) return Math.sqrt(x);
  if (y < 1) return undefined;
  let base = x;
  let power = y;
  while (power <= WHOLE_POWER_MAX && !Number.isInteger(power)) {
    const root = Math.sqrt(base);
    const square = twoProduct(root, root);
    if (square.high !== base || square.low !== 0) return undefined;
    base = root;
    power *= 2;
  }
  return power <= WHOLE_POWER_MAX ? wholePower(base, power) : undefined;
}

/** x^n by squaring, in double-double. */
function wholePower(x: number, n: number): number {
  const exponent = exponentOf(x);
  let square: DoubleDouble = { high: shifted(x, -exponent), low: 0 };
  let result: DoubleDouble = { high: 1, low: 0 };
  for (let bits = n; bits > 0; bits >>= 1) {
    if (bits & 1) result = multiply(result, square);
    square = multiply(square, square);
  }
  return scaled(result.high, result.low, exponent * n);
}

/**
 * ln x to about 2^-71: x = 2^k m with m near 1, c the multiple of 1/256 next to 1/m, r = m c - 1 (|r| < 2^-8.4):
 * ln x = k ln 2 - ln c + ln(1 + r). Near 1, k is 0 and c is 1, so nothing cancels.
 */
function logarithm(x: number): DoubleDouble {
  const { ln2, logHigh, logLow } = tables();
  let exponent = exponentOf(x);
  let mantissa = shifted(x, -exponent);
  if (mantissa >= Math.SQRT2) {
    mantissa /= 2;
    exponent++;
  }
  const step = Math.round(LOG_STEPS / mantissa);
  const scaledMantissa = twoProduct(mantissa, step / LOG_STEPS);
  const near = logOfOnePlus(twoSum(scaledMantissa.high - 1, scaledMantissa.low));
  const line = step - LOG_FIRST;
  const far = add(times(ln2, exponent), { high: logHigh[line]!, low: logLow[line]! });
  return add(far, near);
}

/** ln(1 + r) for small r: r - r²/2 with all bits, the rest (below 2^-26) in plain doubles. */
function logOfOnePlus(r: DoubleDouble): DoubleDouble {
  const x = r.high;
  const square = twoProduct(x, x);
  const tail =
    1 / 3 - x * (1 / 4 - x * (1 / 5 - x * (1 / 6 - x * (1 / 7 - x * (1 / 8 - x * (1 / 9 - x / 10))))));
  const sum = twoSum(x, -square.high / 2);
  const low = sum.low + (r.low - square.low / 2 - x * r.low + x * square.high * tail);
  return quickTwoSum(sum.high, low);
}

/**
 * e^(high + low) to about 2^-69: high + low = (128 k + j) ln 2 / 128 + r with |r| < 2^-8.5, so the result is
 * 2^k 2^(j/128) (1 + r + r²/2 ...).
 */
function exponential(high: number, low: number): number {
  if (high > EXP_OVERFLOW) return Number.POSITIVE_INFINITY;
  if (high < EXP_UNDERFLOW) return 0;
  const { expStep, expHigh, expLow } = tables();
  const steps = Math.round(high / expStep.high);
  const line = steps & (EXP_STEPS - 1);
  const r = add({ high, low }, times(expStep, -steps));
  const x = r.high;
  const tail = 1 / 2 + x * (1 / 6 + x * (1 / 24 + x * (1 / 120 + x * (1 / 720 + x / 5040))));
  const power = expHigh[line]!;
  const product = twoProduct(power, x);
  const sum = twoSum(power, product.high);
  const rest = product.low + expLow[line]! * (1 + x) + power * (r.low + x * x * tail);
  return scaled(sum.high, sum.low + rest, (steps - line) / EXP_STEPS);
}

/** (high + low) * 2^k for a positive number, rounded once, also where doubles lose bits (below 2^-1022). */
function scaled(high: number, low: number, k: number): number {
  const number = quickTwoSum(high, low);
  const exponent = k + exponentOf(number.high);
  if (exponent > 1023) return Number.POSITIVE_INFINITY;
  if (exponent >= -1022) return shifted(number.high, k);
  if (exponent < -1076) return 0;
  // Beside 2^52 smallest doubles a number has no bits below one smallest double, so that is where this sum rounds.
  const rounder = powerOfTwo(52 - 1074 - k);
  const sum = twoSum(rounder, number.high);
  return shifted(sum.high + (sum.low + number.low) - rounder, k);
}

/** x * 2^k in two steps, because 2^k itself may be out of range. */
function shifted(x: number, k: number): number {
  const half = k >> 1;
  return x * powerOfTwo(half) * powerOfTwo(k - half);
}

/** 2^k for k in -1022 .. 1023. */
function powerOfTwo(k: number): number {
  return powersOfTwo[k + 1022] ?? fail("a power of two is in the range of doubles");
}

function makePowersOfTwo(): Float64Array {
  const powers = new Float64Array(2046);
  powers[1022] = 1;
  for (let k = 1; k <= 1023; k++) powers[1022 + k] = powers[1021 + k]! * 2;
  for (let k = 1; k <= 1022; k++) powers[1022 - k] = powers[1023 - k]! / 2;
  return powers;
}

/** The whole number k with 2^k <= x < 2^(k+1), x > 0. */
function exponentOf(x: number): number {
  bits.setFloat64(0, x);
  const biased = bits.getInt32(0) >> 20;
  return biased > 0 ? biased - 1023 : exponentOf(x * TWO_54) - 54;
}

function tables(): Tables {
  made ??= makeTables();
  return made;
}

function makeTables(): Tables {
  const ln2 = logOfFraction(2, 1);
  const expStep = over(ln2, EXP_STEPS);
  const logs = Array.from({ length: LOG_LAST - LOG_FIRST + 1 }, (_, line) =>
    logOfFraction(LOG_STEPS, LOG_FIRST + line),
  );
  const powers = Array.from({ length: EXP_STEPS }, (_, line) => exponentialSeries(times(expStep, line)));
  return {
    ln2,
    expStep,
    logHigh: Float64Array.from(logs, ({ high }) => high),
    logLow: Float64Array.from(logs, ({ low }) => low),
    expHigh: Float64Array.from(powers, ({ high }) => high),
    expLow: Float64Array.from(powers, ({ low }) => low),
  };
}

/** ln(a / b) = 2 (s + s³/3 + s^5/5 + ...) with s = (a - b) / (a + b). */
function logOfFraction(a: number, b: number): DoubleDouble {
  const s = over({ high: a - b, low: 0 }, a + b);
  const square = multiply(s, s);
  let sum = s;
  let power = s;
  for (let n = 3; Math.abs(power.high) > NEGLIGIBLE; n += 2) {
    power = multiply(power, square);
    sum = add(sum, over(power, n));
  }
  return times(sum, 2);
}

/** e^x = 1 + x + x²/2! + x³/3! + ... */
function exponentialSeries(x: DoubleDouble): DoubleDouble {
  let sum: DoubleDouble = { high: 1, low: 0 };
  let term = sum;
  for (let n = 1; Math.abs(term.high) > NEGLIGIBLE; n++) {
    term = over(multiply(term, x), n);
    sum = add(sum, term);
  }
  return sum;
}
