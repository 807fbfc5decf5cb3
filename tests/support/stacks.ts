/** Where a stack of a test run is. */
export interface TestStack {
  home: string
  portBase: number
}

/** The stacks that the set-up of the project `exclusive` started, one for each worker. */
export const readStacks = () => JSON.parse(String(process.env.TEST_STACKS)) as TestStack[]
