const MAX_OPEN_FILES = 64
/** What a program may take. */
export interface ProgramLimits {
  /** CPU time of all threads together. */
  cpuSeconds: number
  /** Allocated memory, not address space, of which shared libraries alone take 300 MB. */
  maxDataBytes: number
  /** How far others go first for the CPU: 0 to 19. */
  niceness: number
}

/**
 * A network without any interface, even loopback, and a user namespace in which everything belongs
 * to nobody, so that root has no capabilities. Denied in most containers.
 */
export const NAMESPACES = ['unshare', '--user', '--map-user=65534', '--map-group=65534', '--net', '--ipc', '--']

/**
 * The command that starts a program in the sandbox; append program and arguments. Each step
 * replaces itself by the next, so there is one process, and its limits cannot be raised again.
 *
 * @param options.namespaces `NAMESPACES`, or empty where the system denies them
 */
export function commandLine(options: ProgramLimits & { namespaces: string[] }): [command: string, args: string[]] {
  const { niceness } = options
  const limits = [
    // One limit, soft and hard: ffmpeg takes the signal of a soft limit for a request to end well.
    `--cpu=${options.cpuSeconds}`,
    `--data=${options.maxDataBytes}`,
    `--nofile=${MAX_OPEN_FILES}`,
    '--fsize=0',
    '--core=0',
  ]
  return [
    'sh',
    [
      '-c',
      // Linux shares the CPU among sessions first (sched(7), autogroup), and niceness counts within
      // one; this is a new session.
      `echo ${niceness} 2> /dev/null > /proc/self/autogroup; exec nice -n ${niceness} "$@"`,
      'sh',
      ...options.namespaces,
      // The program ends even when this process is killed.
      ...['setpriv', '--no-new-privs', '--pdeathsig=KILL'],
      ...['prlimit', ...limits],
    ],
  ]
}
