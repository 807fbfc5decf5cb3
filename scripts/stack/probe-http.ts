// Beside the other probes, because commands that need only this one start in a fifth of the time.

export const probeTimeoutMs = 2_000

/** Resolves when a GET answers with the status; rejects otherwise or after two seconds. */
export async function probeHttp(url: string, status: number, headers: Record<string, string> = {}): Promise<void> {
  const response = await fetch(url, { headers, signal: AbortSignal.timeout(probeTimeoutMs) })
  await response.body?.cancel()
  if (response.status !== status) throw new Error(`${url} answered ${response.status}`)
}
