import { type Dapr, throwError } from './client.ts'

/** The broker's component; see components/pubsub.yaml. */
export const PUBSUB = 'pubsub'

const BULK_TIMEOUT_MS = 30_000

/** Hands events to the broker. */
export class Publisher {
  readonly #dapr: Dapr

  constructor(dapr: Dapr) {
    this.#dapr = dapr
  }

  /**
   * Publishes a whole CloudEvent.
   *
   * @param partitionKey events of one key keep their order
   * @throws SidecarError where the broker did not take it
   */
  async publish(topic: string, event: object, { partitionKey }: { partitionKey: string }): Promise<void> {
    const options = { contentType: 'application/cloudevents+json', metadata: { partitionKey } }
    throwError(await this.#dapr.client.pubsub.publish(PUBSUB, topic, event, options))
  }

  /**
   * Publishes a batch to one topic. The SDK's `publishBulk` reports failed entries as published.
   *
   * @param entries the JSON of Dapr's bulk entries
   * @throws SidecarError unless the broker took all of them
   */
  async publishBatch(topic: string, entries: string): Promise<void> {
    await this.#dapr.transport.execute(`/publish/bulk/${PUBSUB}/${topic}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: entries,
      timeoutMs: BULK_TIMEOUT_MS,
    })
  }
}
