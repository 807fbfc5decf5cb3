import { writeFileSync } from 'node:fs'
import { relative } from 'node:path'
import type { Reporter, TestModule } from 'vitest/node'
import type { FileTime } from './vitest-run.ts'

/**
 * A Vitest reporter: writes how long each file took, hooks included, to the file FILE_TIMES names.
 */
export default class FileTimes implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const times = modules.map((module): FileTime => {
      const { duration, collectDuration, setupDuration } = module.diagnostic()
      return {
        file: relative(process.cwd(), module.moduleId),
        ms: Math.round(duration + collectDuration + setupDuration),
      }
    })
    writeFileSync(String(process.env.FILE_TIMES), JSON.stringify(times))
  }
}
