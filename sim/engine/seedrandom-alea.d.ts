/** The one generator of seedrandom that we use; the package ships no types for its parts. */
declare module "seedrandom/lib/alea.js" {
  interface AleaGenerator {
    (): number;
    int32(): number;
    double(): number;
  }
  export default function alea(seed: string): AleaGenerator;
}
