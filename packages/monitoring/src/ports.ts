/** Ports of what watches the stack, as written for the port base 7000. All listen on loopback. */
export const monitoringPorts = {
  prometheus: 7030,
  alertmanager: 7031,
  nodeExporter: 7032,
  mysqlExporter: 7033,
  redisExporter: 7034,
  /** The JMX exporter, an agent inside Kafka. */
  kafkaExporter: 7035,
  lagExporter: 7036,
} as const

export const onLoopback = (port: number): string => `127.0.0.1:${port}`
