import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isMap, isScalar, parseDocument, type YAMLMap, type YAMLSeq } from 'yaml'
import { listedServices, root } from './facts.ts'

/** One line of the call graph: what `caller` may ask of `callee`. */
export interface Edge {
  caller: string
  callee: string
  /** The comment behind the caller's name. */
  why: string
  /** Such as `videos.getMany`. */
  operations: string[]
}

/** What dapr/access/<app-id>.yaml says. */
export interface Access {
  appId: string
  callers: Edge[]
  /** Operations that no other service may call. */
  calledByNobody: string[]
  /** Groups of the sidecar's HTTP API that the service may use. */
  apis: string[]
  secrets: string[]
  /** The file as Dapr sees it. */
  spec: AccessSpec
}

interface AccessSpec {
  accessControl: {
    defaultAction?: string
    trustDomain?: string
    policies?: {
      appId: string
      namespace: string
      trustDomain: string
      defaultAction: string
      operations: Operation[]
    }[]
  }
  api: { allowed: { name: string; version: string; protocol: string }[] }
  secrets: { scopes: { storeName: string; defaultAccess: string; allowedSecrets: string[] }[] }
}

interface Operation {
  name: string
  httpVerb: string[]
  action: string
}

/** @throws Error when a service of dapr.yaml has no file */
export function readAccess(): Access[] {
  return listedServices().map(({ appID }) => readOne(appID))
}

function readOne(appId: string): Access {
  const document = parseDocument(readFileSync(join(root, `dapr/access/${appId}.yaml`), 'utf8'))
  const { metadata, spec } = document.toJS() as { metadata: { annotations?: Record<string, string> }; spec: AccessSpec }
  const policies = document.getIn(['spec', 'accessControl', 'policies']) as YAMLSeq | undefined
  const reasons = (policies?.items ?? []).filter((item): item is YAMLMap => isMap(item)).map(commentOfCaller)
  return {
    appId,
    callers: (spec.accessControl.policies ?? []).map((policy, index) => ({
      caller: policy.appId,
      callee: appId,
      why: reasons[index] ?? '',
      operations: policy.operations.map(({ name }) => name.replace('/internal/', '')),
    })),
    calledByNobody: (metadata.annotations?.['fanone/called-by-nobody'] ?? '').split(/[\s,]+/).filter(Boolean),
    apis: spec.api.allowed.filter(({ protocol }) => protocol === 'http').map(({ name }) => name),
    secrets: spec.secrets.scopes.flatMap(({ allowedSecrets }) => allowedSecrets),
    spec,
  }
}

function commentOfCaller(policy: YAMLMap): string {
  const caller = policy.get('appId', true)
  return (isScalar(caller) && caller.comment?.trim()) || ''
}
