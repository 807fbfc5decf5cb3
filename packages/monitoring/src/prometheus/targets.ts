import { stringify } from 'yaml'
import { onLoopback } from '../ports.ts'

/** What Prometheus must know of a service. */
export interface ServiceAddress {
  appId: string
  /** The app port of its first instance. */
  port: number
}

/** Instances of a service have consecutive ports. */
type Instances = (appId: string) => number

/** Between the app port of an instance and the metrics port of its sidecar. */
const SIDECAR_METRICS_OFFSET = 500

/**
 * The target files that Prometheus watches (`file_sd_configs`), by name.
 *
 * @param instancesOf how many instances of a service run
 */
export function renderTargets(services: readonly ServiceAddress[], instancesOf: Instances): Record<string, string> {
  const files = { 'services.yml': 0, 'sidecars.yml': SIDECAR_METRICS_OFFSET }
  return Object.fromEntries(
    Object.entries(files).map(([file, offset]) => [
      file,
      stringify(services.map(({ appId, port }) => target(appId, port + offset, instancesOf(appId)))),
    ]),
  )
}

function target(app: string, firstPort: number, count: number) {
  return { targets: Array.from({ length: count }, (_, index) => onLoopback(firstPort + index)), labels: { app } }
}
