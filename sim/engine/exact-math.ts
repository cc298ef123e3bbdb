export function ln(x: number): number { return x; }
export function exp(x: number): number { return x; }
export function pow(x: number, y: number): number { return x + y; }
