// The first step on a machine that has nothing but Node 20: plain JavaScript, no dependency. It checks the toolchain,
// installs the npm packages and hands over to the real command line on Node 24 (scripts/cli.ts).
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'

const root = resolve(import.meta.dirname ?? new URL('.', import.meta.url).pathname, '..')
const command = process.argv[2] ?? 'start'

/** Compares dotted versions by number: negative when `a` is older. */
function compareVersions(a, b) {
  const [left, right] = [a, b].map((version) => version.split('.').map(Number))
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}

/** The version a tool prints, or undefined when the tool is missing. */
function toolVersion(tool, args, pattern) {
  const { status, stdout, stderr } = spawnSync(tool, args, {
    encoding: 'utf8',
    env: { ...process.env, GOTOOLCHAIN: 'local' },
  })
  if (status !== 0) return undefined
  return `${stdout}${stderr}`.match(pattern)?.[1]
}

/** Everything that is missing, one line each, with what to install. */
function missingTools() {
  const go = readFileSync(join(root, 'dapr/go.mod'), 'utf8').match(/^go (\S+)$/m)[1]
  const hasApt = existsSync('/usr/bin/apt-get')
  const apt = (name) => (hasApt ? `apt-get install ${name}` : `install ${name}`)
  const tools = [
    {
      name: 'Java',
      need: '17',
      have: toolVersion('java', ['-version'], /version "(\d+[.\d]*)/),
      how: apt('openjdk-17-jre-headless'),
    },
    { name: 'Maven', need: '3.6', have: toolVersion('mvn', ['-v'], /Apache Maven (\d+[.\d]*)/), how: apt('maven') },
  ]
  if (command !== 'infra') {
    const have = toolVersion('go', ['version'], /go(\d+[.\d]*)/)
    const how = `install Go ${go} or newer from https://go.dev/dl/ (it builds Dapr's programs once)`
    tools.push({ name: 'Go', need: go, have, how })
  }
  return tools
    .filter((tool) => tool.have === undefined || compareVersions(tool.have, tool.need) < 0)
    .map((tool) => `  ${tool.name} ${tool.need} or newer, found ${tool.have ?? 'none'}: ${tool.how}`)
}

function fail(message) {
  console.error(message)
  process.exit(1)
}

/** npm writes this file last, so it tells when node_modules was complete. */
function packagesAreCurrent() {
  const installed = join(root, 'node_modules/.package-lock.json')
  const lock = join(root, 'package-lock.json')
  if (!existsSync(installed) || !existsSync(join(root, 'node_modules/.bin/node'))) return false
  return !existsSync(lock) || statSync(installed).mtimeMs >= statSync(lock).mtimeMs
}

/** Exactly what the lock file says, or nothing. */
function installPackages() {
  console.log('Installing npm packages')
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: 'inherit',
  })
  if (status !== 0) fail('npm ci failed (see above)')
}

if (compareVersions(process.versions.node, '20') < 0) fail(`Node 20 or newer is needed, found ${process.versions.node}`)
if (['start', 'infra', 'test', 'faults'].includes(command)) {
  const missing = missingTools()
  if (missing.length > 0) fail(`The machine lacks:\n${missing.join('\n')}`)
}
if (!packagesAreCurrent()) installPackages()

const node = join(root, 'node_modules/.bin/node')
const { status, signal } = spawnSync(node, [join(root, 'scripts/cli.ts'), command, ...process.argv.slice(3)], {
  stdio: 'inherit',
})
process.exit(status ?? (signal === 'SIGINT' ? 130 : 1))
