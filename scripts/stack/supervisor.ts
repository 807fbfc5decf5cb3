// The program that keeps the local stack running. The CLI starts it detached; it answers on the
// control socket.
import { rmSync } from 'node:fs'
import { type Reply, type Request, serveControl } from './control.ts'
import { readManifest } from './manifest.ts'
import { recordOf, writeRecords } from './processes.ts'
import { ensureSecrets } from './secrets.ts'
import { readSettings, stackPaths } from './settings.ts'
import { readLaunch, Stack } from './stack.ts'

const settings = readSettings()
const paths = stackPaths(settings)
const manifest = readManifest(settings)
const stack = new Stack({
  settings,
  manifest,
  secrets: ensureSecrets(paths.secrets, manifest.apps),
  launch: readLaunch(settings),
})
let ending: Promise<void> | undefined

async function handle(request: Request): Promise<Reply> {
  switch (request.command) {
    case 'status':
      break
    case 'startInfra':
      stack.startInfra()
      break
    case 'startApps':
      stack.startApps()
      break
    case 'restart':
      await stack.restart(request.part)
      break
    case 'restartInstance':
      await stack.restartInstance(request.name)
      break
    case 'scale':
      await stack.scale(request.appId, request.count)
      break
    case 'stop':
      await end()
      break
  }
  return { parts: stack.status }
}

function end(): Promise<void> {
  ending ??= stack.stop().then(() => {
    rmSync(paths.socket, { force: true })
    writeRecords(paths.processes, [])
    setTimeout(() => process.exit(0), 100) // the asker's answer goes out first
  })
  return ending
}

const own = recordOf({ name: 'supervisor', kind: 'command' }, process.pid)
writeRecords(paths.processes, own === undefined ? [] : [own])
process.on('SIGTERM', () => void end())
process.on('SIGINT', () => void end())
await serveControl(paths.socket, handle)
console.log(`supervisor ${process.pid} serves ${paths.socket}`)
