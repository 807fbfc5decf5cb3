/** One process of the stack: how it is started, when it is well, how it ends. */
export interface Part {
  /** Also the name of its log file: `mysql`, `video`, `video.sidecar`, `feed-1`. */
  readonly name: string
  readonly kind: 'infra' | 'app' | 'sidecar'
  readonly appId?: string
  readonly command: string
  readonly args: readonly string[]
  readonly cwd: string
  /**
   * Added to the supervisor's environment. Secrets belong here, never in `args`, which everybody
   * can read.
   */
  readonly env: Readonly<Record<string, string>>
  /** Every port it listens on with what the number is for. */
  readonly ports: Readonly<Record<string, number>>
  /** How long it may take to end after SIGTERM before it is killed. */
  readonly graceMs: number
  /** Resolves when the part answers as it should; rejects or never resolves otherwise. */
  readonly probe: () => Promise<void>
}
