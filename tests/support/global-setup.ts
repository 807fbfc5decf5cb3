import { startTestStack } from './test-stack.ts'

export { teardown } from './test-stack.ts'

export const setup = () => startTestStack('start', '--no-demo', '--no-monitoring')
