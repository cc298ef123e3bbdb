/** Pages of an address space at most: 256 GiB. Arithmetic modulo the number of pages is exact up to here. */
export const PAGES_MAX: number = 2 ** 26;
