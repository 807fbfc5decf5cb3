import { api } from '../api/client.ts'

type Json = never

/** Whether this browser has passkeys, at this address: an IP address is no host for one. */
export const hasPasskeys =
  typeof PublicKeyCredential === 'function' &&
  'parseCreationOptionsFromJSON' in PublicKeyCredential &&
  !/^[\d.]+$|^\[/.test(location.hostname)

/**
 * Makes a passkey for the member and adds it to the account.
 *
 * @throws DOMException of the browser, `NotAllowedError` where the member breaks it off
 */
export async function addPasskey({ name, ...proof }: { name: string; password: string; mfaCode?: string }) {
  const { publicKey } = await api.passkeys.begin(proof)
  const options = PublicKeyCredential.parseCreationOptionsFromJSON(publicKey as Json)
  const credential = (await navigator.credentials.create({ publicKey: options })) as PublicKeyCredential
  return api.passkeys.add({ name, credential: credential.toJSON() as Json })
}

/**
 * Opens a session with a passkey that the visitor chooses.
 *
 * @throws DOMException as above
 */
export async function logInWithPasskey() {
  const { publicKey } = await api.passkeys.beginLogIn()
  const options = PublicKeyCredential.parseRequestOptionsFromJSON(publicKey as Json)
  const credential = (await navigator.credentials.get({ publicKey: options })) as PublicKeyCredential
  return api.passkeys.logIn({ credential: credential.toJSON() as Json })
}
