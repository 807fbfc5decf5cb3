import { randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import * as contracts from '@fanone/contracts'
import { createLocalStorage, mediaStoreFolder, uploadKey } from '@fanone/storage'
import { decodeJwt } from 'jose'
import { generateSync } from 'otplib'
import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import { PhoneKeys } from '../../services/user/src/phone/phone-keys.ts'
import { Authenticator } from '../support/authenticator.ts'
import { api, clipFile, GOOD_PASSWORD, type Member, newMember, publish, randomName } from '../support/community.ts'
import { newOperator } from '../support/operators.ts'
import { codeSentTo, newPhone } from '../support/phones.ts'
import { drawn, isFull } from '../support/sampling.ts'
import { connectAsRoot } from '../support/scratch-database.ts'
import { sendTo, sidecarOf } from '../support/sidecars.ts'
import { eventually, home, secrets } from '../support/stack.ts'
import { newUploadId } from '../video/video-parts.ts'

// Clients and sidecars repeat calls whose answer was lost. So every operation is called twice here,
// as its own sidecar would call it.

interface Call {
  input: object
  /** For whom; nobody where it is left out. */
  as?: Member
  /** What has to have happened before the call is repeated. */
  settled?: (answer: Answer) => Promise<unknown>
}
type Answer = Record<string, unknown>
/** Something of its own for an operation to work on. */
type Subject = () => Promise<Call>

interface Declared {
  appId: string
  idempotency: contracts.OperationMeta['idempotency']
}

/** `imageSearchContract` is that of `image-search`. */
const appIdOf = (contract: string) =>
  contract.slice(0, -'Contract'.length).replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)

/** Every operation of every contract. */
const declared = new Map<string, Declared>(
  Object.entries(contracts)
    .filter(([name]) => name.endsWith('Contract'))
    .flatMap(([name, contract]) =>
      Object.entries(contract as object).flatMap(([noun, verbs]) =>
        Object.entries(verbs as Record<string, { '~orpc': { meta: contracts.OperationMeta } }>).map(
          ([verb, operation]): [string, Declared] => [
            `${noun}.${verb}`,
            { appId: appIdOf(name), idempotency: operation['~orpc'].meta.idempotency },
          ],
        ),
      ),
    ),
)
const changing = [...declared].filter(([, { idempotency }]) => idempotency !== 'safe').map(([name]) => name)
/** A quick round repeats each operation in one of the two ways, which the seed draws. */
const afterAnswer = drawn(changing, Math.ceil(changing.length / 2))
const atTheSameTime = isFull ? changing : changing.filter((operation) => !afterAnswer.includes(operation))

/** For whom a call is made, as the gateway says it. */
function identityOf({ user, tokens }: Member): Record<string, string> {
  const { sid, role } = decodeJwt(tokens.accessToken)
  return {
    'fanone-user-id': String(user.id),
    'fanone-session-id': String(sid),
    ...(role ? { 'fanone-user-role': String(role) } : {}),
  }
}

/**
 * Calls an operation around the gateway and the sidecars; what is too busy to answer is asked
 * again.
 */
async function call(operation: string, { input, as }: Call, key: string): Promise<Answer> {
  const { appPort, appToken } = await sidecarOf(declared.get(operation)?.appId ?? '')
  const headers = { ...(as && identityOf(as)), 'fanone-idempotency-key': key }
  const isBusy = (answer: Answer) => ['unavailable', 'too_many_requests'].includes(String(answer.code))
  return eventually(
    async () => {
      const path = `/internal/${operation}`
      const { text } = await sendTo(appPort, { path, token: appToken, headers, json: input })
      const { traceId: _ofThisTry, ...answer } = JSON.parse(text) as Answer
      return isBusy(answer) ? undefined : answer
    },
    { intervalMs: 300, what: `an answer of ${operation}` },
  )
}

const storage = createLocalStorage({ rootDir: mediaStoreFolder(home) })
async function store(bytes: AsyncIterable<Uint8Array>): Promise<string> {
  const uploadId = newUploadId()
  await storage.put(uploadKey(uploadId), bytes)
  return uploadId
}
const upload = (file: string) => store(createReadStream(file))
async function uploadPicture(): Promise<string> {
  const picture = sharp({ create: { width: 8, height: 8, channels: 3, background: 'red' } })
  return store(Readable.from([await picture.png().toBuffer()]))
}

const ofVideo = async (author: Member) => ({ target: { kind: 'video', id: (await publish(author)).id } })
const sessionIdOf = ({ tokens }: Member) => String(decodeJwt(tokens.accessToken).sid)
const credentials = ({ user, password }: Member) => ({ username: user.username, password })

const like: Subject = async () => {
  const as = await newMember()
  return { as, input: await ofVideo(as) }
}
const liked: Subject = async () => {
  const subject = await like()
  await call('likes.like', subject, randomUUID())
  return subject
}
const follow: Subject = async () => ({ as: await newMember(), input: { userId: (await newMember()).user.id } })
const followed: Subject = async () => {
  const subject = await follow()
  await call('follows.follow', subject, randomUUID())
  return subject
}
const publication = async (file: string): Promise<Call> => ({
  as: await newMember(),
  input: { uploadId: await upload(file), title: 'once', description: '' },
})
const newUpload = (sizeBytes: number) => {
  const ofLock = { id: newUploadId(), token: newUploadId() }
  return { ...ofLock, kind: 'whole', sizeBytes, metadata: '', sha256: '' }
}
/** An upload that is begun, and how its writer names it. */
const ofUpload = async () => {
  const as = await newMember()
  const { id, token, ...rest } = newUpload(3)
  await call('uploads.create', { as, input: { id, token, ...rest } }, randomUUID())
  return { as, input: { id, token } }
}
const ofChunks = async () => {
  const as = await newMember()
  const input = { ...newUpload(0), kind: 'chunked', chunkCount: 1 }
  await call('uploads.create', { as, input }, randomUUID())
  return { as, id: input.id }
}
const comment: Subject = async () => {
  const as = await newMember()
  return { as, input: { ...(await ofVideo(as)), text: 'once' } }
}
async function bound() {
  const as = await newMember()
  const { secret } = await as.api.totp.issue()
  return { as, ...(await as.api.totp.confirm({ secret, code: generateSync({ secret }) })) }
}
/** A member, what a new authenticator of theirs made, and the authenticator. */
async function madePasskey() {
  const as = await newMember()
  const authenticator = new Authenticator()
  const { publicKey } = await as.api.passkeys.begin({ password: as.password })
  return { as, authenticator, input: { name: 'once', credential: authenticator.create(publicKey) } }
}
async function ofPasskey() {
  const { as, authenticator, input } = await madePasskey()
  return { as, authenticator, id: (await as.api.passkeys.add(input)).id }
}
const ofUser = async () => ({ username: (await newMember()).user.username })
let operator: Promise<Member> | undefined
/** One for all: becoming one takes a command. */
const anOperator = () => {
  operator ??= newOperator()
  return operator
}
const ban: Subject = async () => ({
  as: await anOperator(),
  input: { userId: (await newMember()).user.id, reason: 'once' },
})
const report: Subject = async () => {
  const { user } = await newMember()
  return { as: await newMember(), input: { target: { kind: 'user', id: user.id, authorId: user.id }, text: 'once' } }
}
async function signUpBy(phone: string) {
  await api().phones.sendCode({ phone, purpose: 'sign_in' })
  return api().phones.signIn({ phone, code: await codeSentTo(phone, 'sign_in') })
}
/** As if the number had got its last code a minute earlier. */
async function oneMinuteOn(phone: string): Promise<void> {
  const root = await connectAsRoot()
  const { 'phone-index-key': key } = await secrets()
  const index = new PhoneKeys(String(key)).indexOf(phone)
  await root.query('update user.phone_code set issued_at = issued_at - interval 61 second where number_index = ?', [
    index,
  ])
  await root.end()
}
const rebuildIsOver = ({ id }: Answer) =>
  eventually(async () => (await call('rebuilds.get', { input: { id: id as number } }, '')).state !== 'running')

/**
 * For each operation that changes something. An operation without an entry here fails the first
 * test.
 */
const subjects: Record<string, Subject> = {
  'accounts.register': async () => ({ input: { username: randomName(), password: GOOD_PASSWORD } }),
  'sessions.logIn': async () => ({ input: credentials(await newMember()) }),
  'sessions.refresh': async () => ({ input: { refreshToken: (await newMember()).tokens.refreshToken } }),
  'sessions.logOut': async () => ({ as: await newMember(), input: {} }),
  'phones.sendCode': async () => ({ input: { phone: newPhone(), purpose: 'sign_in' } }),
  'phones.sendOwnCode': async () => {
    const phone = newPhone()
    const { user, tokens } = await signUpBy(phone)
    await oneMinuteOn(phone)
    return { as: { user, tokens } as Member, input: {} }
  },
  'phones.signIn': async () => {
    const phone = newPhone()
    await api().phones.sendCode({ phone, purpose: 'sign_in' })
    return { input: { phone, code: await codeSentTo(phone, 'sign_in') } }
  },
  'phones.join': async () => {
    const [as, phone] = [await newMember(), newPhone()]
    await as.api.phones.sendOwnCode({ phone })
    return { as, input: { phone, code: await codeSentTo(phone, 'join'), password: as.password } }
  },
  'phones.remove': async () => {
    const [as, phone] = [await newMember(), newPhone()]
    await as.api.phones.sendOwnCode({ phone })
    await as.api.phones.join({ phone, code: await codeSentTo(phone, 'join'), password: as.password })
    return { as, input: { password: as.password } }
  },
  'phones.recover': async () => {
    const phone = newPhone()
    await signUpBy(phone)
    await oneMinuteOn(phone)
    await api().phones.sendCode({ phone, purpose: 'new_password' })
    return { input: { phone, code: await codeSentTo(phone, 'new_password'), newPassword: randomUUID() } }
  },
  'passkeys.begin': async () => {
    const as = await newMember()
    return { as, input: { password: as.password } }
  },
  'passkeys.add': madePasskey,
  'passkeys.rename': async () => {
    const { as, id } = await ofPasskey()
    return { as, input: { id, name: 'anew' } }
  },
  'passkeys.remove': async () => {
    const { as, id } = await ofPasskey()
    return { as, input: { id } }
  },
  'passkeys.logIn': async () => {
    const { authenticator } = await ofPasskey()
    const { publicKey } = await api().passkeys.beginLogIn()
    return { input: { credential: authenticator.get(publicKey) } }
  },
  'totp.issue': async () => ({ as: await newMember(), input: {} }),
  'totp.confirm': async () => {
    const as = await newMember()
    const { secret } = await as.api.totp.issue()
    return { as, input: { secret, code: generateSync({ secret }) } }
  },
  'totp.unbind': async () => {
    const { as, recoveryCodes } = await bound()
    return { as, input: { password: as.password, code: recoveryCodes[0] } }
  },
  'totp.renewRecoveryCodes': async () => {
    const { as, recoveryCodes } = await bound()
    return { as, input: { code: recoveryCodes[0] } }
  },
  'sessions.end': async () => {
    const as = await newMember()
    return { as, input: { sessionId: sessionIdOf(as) } }
  },
  'sessions.endOthers': async () => ({ as: await newMember(), input: {} }),
  'sessions.see': async () => ({ input: { sessionId: sessionIdOf(await newMember()) } }),
  'accounts.changePassword': async () => {
    const as = await newMember()
    return { as, input: { currentPassword: as.password, newPassword: randomUUID() } }
  },
  'profiles.edit': async () => ({ as: await newMember(), input: { signature: randomName() } }),
  'profiles.setPicture': async () => ({
    as: await newMember(),
    input: { kind: 'avatar', uploadId: await uploadPicture() },
  }),
  'profiles.removePicture': async () => {
    const as = await newMember()
    await call('profiles.setPicture', { as, input: { kind: 'avatar', uploadId: await uploadPicture() } }, randomUUID())
    return { as, input: { kind: 'avatar' } }
  },
  'videos.publish': async () => publication(await clipFile()),
  'uploads.create': async () => ({ as: await newMember(), input: newUpload(3) }),
  'uploads.lock': ofUpload,
  'uploads.keepLock': ofUpload,
  'uploads.unlock': ofUpload,
  'uploads.finish': async () => {
    const subject = await ofUpload()
    await storage.growing.append(uploadKey(subject.input.id), Readable.from([Buffer.from('abc')]), { offsetBytes: 0 })
    return { ...subject, input: { id: subject.input.id } }
  },
  'uploads.join': async () => {
    const as = await newMember()
    const part = { ...newUpload(3), kind: 'part' }
    await call('uploads.create', { as, input: part }, randomUUID())
    await storage.growing.append(uploadKey(part.id), Readable.from([Buffer.from('abc')]), { offsetBytes: 0 })
    return { as, input: { partIds: [part.id], metadata: '', sha256: '', maxBytes: 10 } }
  },
  'uploads.addChunk': async () => {
    const { as, id } = await ofChunks()
    return { as, input: { id, number: 1, arrivedId: await upload(await clipFile()), maxBytes: 1024 ** 3 } }
  },
  'uploads.joinChunks': async () => {
    const { as, id } = await ofChunks()
    const chunk = { id, number: 1, arrivedId: await upload(await clipFile()), maxBytes: 1024 ** 3 }
    await call('uploads.addChunk', { as, input: chunk }, randomUUID())
    return { as, input: { id } }
  },
  'uploads.end': async () => {
    const { as, input } = await ofUpload()
    return { as, input: { id: input.id } }
  },
  'videos.edit': async () => {
    const as = await newMember()
    return { as, input: { id: (await publish(as)).id, title: randomName() } }
  },
  'videos.delete': async () => {
    const as = await newMember()
    return { as, input: { id: (await publish(as)).id } }
  },
  'videos.setCover': async () => {
    const as = await newMember()
    return { as, input: { id: (await publish(as)).id, uploadId: await uploadPicture() } }
  },
  'videos.removeCover': async () => {
    const as = await newMember()
    const { id } = await publish(as)
    await call('videos.setCover', { as, input: { id, uploadId: await uploadPicture() } }, randomUUID())
    return { as, input: { id } }
  },
  'likes.like': like,
  'likes.unlike': liked,
  'comments.create': comment,
  'comments.delete': async () => {
    const subject = await comment()
    return { ...subject, input: { id: (await call('comments.create', subject, randomUUID())).id } }
  },
  'visits.record': like,
  'follows.follow': follow,
  'follows.unfollow': followed,
  'timelines.rebuild': async () => ({ input: {} }),
  'operators.grant': async () => ({ input: await ofUser() }),
  'operators.revoke': async () => {
    const subject = { input: await ofUser() }
    await call('operators.grant', subject, randomUUID())
    return subject
  },
  'bans.put': ban,
  'bans.lift': async () => {
    const subject = await ban()
    await call('bans.put', subject, randomUUID())
    return subject
  },
  'reports.create': report,
  'reports.decide': async () => {
    const { id } = await call('reports.create', await report(), randomUUID())
    return { as: await anOperator(), input: { id, decision: 'dismissed', reason: 'once' } }
  },
  'removals.create': async () => {
    const author = await newMember()
    const { target } = await ofVideo(author)
    return { as: await anOperator(), input: { target: { ...target, authorId: author.user.id }, reason: 'once' } }
  },
  'indexes.rebuild': async () => ({ input: {} }),
  'rebuilds.start': async () => ({ input: {}, settled: rebuildIsOver }),
}

test('every operation that changes something is tried here', () => {
  expect(Object.keys(subjects).toSorted()).toEqual(changing.toSorted())
})

describe('an operation that is repeated answers what it answered first', { timeout: 120_000 }, () => {
  test.each(afterAnswer)('%s, after its answer', async (operation) => {
    const subject = await (subjects[operation] as Subject)()
    const key = randomUUID()
    const first = await call(operation, subject, key)
    expect(first).not.toHaveProperty('code')
    await subject.settled?.(first)
    expect(await call(operation, subject, key)).toEqual(first)
  })

  test.each(atTheSameTime)('%s, at the same time', async (operation) => {
    const subject = await (subjects[operation] as Subject)()
    const key = randomUUID()
    const answers = await Promise.all(Array.from({ length: 4 }, () => call(operation, subject, key)))
    expect(answers[0]).not.toHaveProperty('code')
    for (const answer of answers) expect(answer).toEqual(answers[0])
    await subject.settled?.(answers[0] as Answer)
  })

  test('videos.publish, where the file is refused', async () => {
    const file = join(tmpdir(), `${randomName()}.txt`)
    await writeFile(file, 'this is no video')
    const subject = await publication(file)
    const first = await call('videos.publish', subject, randomUUID())
    expect(first).toMatchObject({ code: 'not_a_video' })
    expect(await call('videos.publish', subject, randomUUID())).toEqual(first)
  })
})

describe('a repeat that comes late changes nothing', { timeout: 120_000 }, () => {
  test.each([
    ['likes.like', 'likes.unlike', like],
    ['likes.unlike', 'likes.like', liked],
    ['follows.follow', 'follows.unfollow', follow],
    ['follows.unfollow', 'follows.follow', followed],
  ] as const)('%s behind %s', async (operation, contrary, makeSubject) => {
    const subject = await makeSubject()
    const keys = Array.from({ length: 3 }, () => randomUUID())
    for (const key of keys) {
      expect(await call(operation, subject, key)).toEqual({ changed: true })
      expect(await call(contrary, subject, randomUUID())).toEqual({ changed: true })
    }
    for (const key of keys) expect(await call(operation, subject, key)).toEqual({ changed: true })
    expect(await call(contrary, subject, randomUUID())).toEqual({ changed: false })
    expect(await call(operation, subject, randomUUID())).toEqual({ changed: true })
  })

  test.each([
    ['likes.like', like],
    ['likes.unlike', liked],
    ['follows.follow', follow],
    ['follows.unfollow', followed],
    ['visits.record', like],
  ] as const)('%s again by the person is no repeat', async (operation, makeSubject) => {
    const subject = await makeSubject()
    const field = operation === 'visits.record' ? 'counted' : 'changed'
    expect(await call(operation, subject, randomUUID())).toEqual({ [field]: true })
    expect(await call(operation, subject, randomUUID())).toEqual({ [field]: false })
  })
})
