import {
  CommunicationProtocolEnum,
  DaprClient,
  type HTTPClient,
  StateConcurrencyEnum,
  StateConsistencyEnum,
} from '@dapr/dapr'
import { DeadlineTransport } from './transport.ts'

export { type DaprClient, StateConcurrencyEnum, StateConsistencyEnum }

/** The own sidecar. */
export interface Dapr {
  /** The SDK's building blocks, on our transport. */
  client: DaprClient
  /** For what the SDK cannot do or does wrong; docs/decisions/0003-dapr-client.md. */
  transport: DeadlineTransport
}

/** Everything the SDK logs is in an error that it returns, which we throw. */
const silent = { error() {}, warn() {}, info() {}, verbose() {}, debug() {} }

/**
 * The one place that knows `@dapr/dapr`. All HTTP building blocks of its client send through two
 * methods of one object. The SDK's own know no deadline and no abort, so ours replace them.
 */
export function connectDapr(options: { port: number; apiToken?: string | undefined }): Dapr {
  const transport = new DeadlineTransport(options)
  const client = new DaprClient({
    communicationProtocol: CommunicationProtocolEnum.HTTP,
    daprHost: '127.0.0.1',
    daprPort: String(options.port),
    logger: { service: silent },
  })
  Object.assign(client.daprClient as HTTPClient, {
    execute: transport.execute.bind(transport),
    executeWithApiVersion: transport.executeWithApiVersion.bind(transport),
  })
  return { client, transport }
}

/** Publishing, saving and deleting return what went wrong. @throws it */
export function throwError(result: { error?: Error }): void {
  if (result.error) throw result.error
}
