/**
 * Double-double arithmetic: a number is kept as the sum of two doubles, `low` being what `high` had to round away,
 * so it has about 106 bits. Only + - * / on IEEE doubles with round-to-nearest are used, which every engine computes
 * alike (ECMAScript knows no fused multiply-add and no extended precision).
 *
 * Source: T. J. Dekker, "A floating-point technique for extending the available precision", 1971; D. E. Knuth,
 * The Art of Computer Programming, volume 2, 4.2.2.
 */
export interface DoubleDouble {
  readonly high: number;
  readonly low: number;
}

/** 2^27 + 1 cuts a double into two halves of 26 bits, whose products are exact (Veltkamp). */
const SPLITTER = 134_217_729;

/** a + b without error. */
export function twoSum(a: number, b: number): DoubleDouble {
  const high = a + b;
  const partOfB = high - a;
  return { high, low: a - (high - partOfB) + (b - partOfB) };
}

/** a + b without error, if |a| >= |b| or a is 0. */
export function quickTwoSum(a: number, b: number): DoubleDouble {
  const high = a + b;
  return { high, low: b - (high - a) };
}

/** a * b without error, as long as nothing underflows and no factor exceeds 2^995. */
export function twoProduct(a: number, b: number): DoubleDouble {
  const high = a * b;
  const shiftedA = SPLITTER * a;
  const upperA = shiftedA - (shiftedA - a);
  const lowerA = a - upperA;
  const shiftedB = SPLITTER * b;
  const upperB = shiftedB - (shiftedB - b);
  const lowerB = b - upperB;
  return { high, low: upperA * upperB - high + upperA * lowerB + lowerA * upperB + lowerA * lowerB };
}

/** a + b; the error is below 2^-103 of the larger of the two. */
export function add(a: DoubleDouble, b: DoubleDouble): DoubleDouble {
  const sum = twoSum(a.high, b.high);
  return quickTwoSum(sum.high, sum.low + (a.low + b.low));
}

/** a * b; relative error below 2^-102. */
export function multiply(a: DoubleDouble, b: DoubleDouble): DoubleDouble {
  const product = twoProduct(a.high, b.high);
  return quickTwoSum(product.high, product.low + (a.high * b.low + a.low * b.high));
}

/** a * b for a plain b; relative error below 2^-102. */
export function times(a: DoubleDouble, b: number): DoubleDouble {
  const product = twoProduct(a.high, b);
  return quickTwoSum(product.high, product.low + a.low * b);
}

/** a / b for a plain b; relative error below 2^-102. */
export function over(a: DoubleDouble, b: number): DoubleDouble {
  const quotient = a.high / b;
  const back = twoProduct(quotient, b);
  return quickTwoSum(quotient, (a.high - back.high - back.low + a.low) / b);
}
