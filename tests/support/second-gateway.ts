import { startBeside } from './beside.ts'

/**
 * Another gateway behind the same sidecar, with other settings.
 *
 * @param settings environment variables that differ
 */
export async function startSecondGateway(
  settings: Record<string, string>,
): Promise<{ url: string; stop(): Promise<void> }> {
  const { publicUrl, stop } = await startBeside('gateway', { settings })
  return { url: publicUrl, stop }
}
