import { addKeyVersion, addSigningKey } from '../stack/secrets.ts'
import { type Settings, stackPaths } from '../stack/settings.ts'

/** What each key says of itself after its rotation. */
const rotations: Readonly<Record<string, (file: string, name: string) => string>> = {
  'account-encryption-key': (file, name) =>
    `has version ${addKeyVersion(file, name)}. npm stop and npm start let it count; older ones are still read`,
  'token-signing-key': (file, name) =>
    `has another key, which signs from ${addSigningKey(file, name)} on; restart the user service before, with --rolling`,
}

/** `npm run secrets:rotate`: gives the named secrets another key, or all that can be rotated. */
export async function rotateSecrets(settings: Settings, args: string[]): Promise<number> {
  const names = args.length > 0 ? args : Object.keys(rotations)
  const unknown = names.find((name) => rotations[name] === undefined)
  if (unknown !== undefined)
    throw new Error(`${unknown} cannot be rotated; ${Object.keys(rotations).join(' and ')} can`)
  for (const name of names) console.log(name, rotations[name]?.(stackPaths(settings).secrets, name))
  return 0
}
