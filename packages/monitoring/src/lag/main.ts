// The program that tells Prometheus how far the consumers of events are; npm start runs it.
import { lagExporter } from './lag-exporter.ts'

const { LAG_PORT, KAFKA_BROKERS = '', CONSUMER_GROUPS = '' } = process.env
const groups = CONSUMER_GROUPS.split(',').filter((group) => group !== '')
lagExporter({ broker: KAFKA_BROKERS, groups }).listen(Number(LAG_PORT), '127.0.0.1')
process.once('SIGTERM', () => process.exit(0))
