/** Placeholder shape; see the request queue. */
export class Plug {
  flush(): void {}
}
