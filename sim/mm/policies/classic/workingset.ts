/** Shadows are 32-bit: 30 bits of age, one for the workingset flag, and never 0. Ages wrap; distances stay right. */
const AGE_LIMIT = 2 ** 30;

/** What an evicted page leaves in its slot (workingset_eviction, 6.1): the age then, and whether it had been active. */
export function packShadow(age: number, workingset: boolean): number {
  return (age % AGE_LIMIT) * 2 + (workingset ? 1 : 0) + 1;
}

/** Evictions and activations since the eviction that left `shadow`. */
export function refaultDistance(shadow: number, ageNow: number): number {
  const age = Math.floor((shadow - 1) / 2);
  return ((ageNow % AGE_LIMIT) - age + AGE_LIMIT) % AGE_LIMIT;
}

export function wasWorkingset(shadow: number): boolean {
  return (shadow - 1) % 2 === 1;
}
