import { startTestStack } from './test-stack.ts'

export { teardown } from './test-stack.ts'

/** MySQL, Redis and Kafka are enough: these tests run parts of services themselves. */
export const setup = () => startTestStack('infra')
