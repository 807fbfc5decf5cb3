export { monitoringPorts, onLoopback } from './ports.ts'
export { renderPrometheusConfig } from './prometheus/config.ts'
export { renderTargets, type ServiceAddress } from './prometheus/targets.ts'
