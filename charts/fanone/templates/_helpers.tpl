{{/* What services declare, and Dapr's resources. */}}
{{- define "fanone.declared" -}}
{{ .Files.Get "files/declared.yaml" }}
{{- end }}

{{/* The settings of one service: the defaults with its own over them. Takes root, appId. */}}
{{- define "fanone.settings" -}}
{{ mustMergeOverwrite (deepCopy .root.Values.defaults) (deepCopy (index .root.Values.services .appId | default dict)) | toYaml }}
{{- end }}

{{- define "fanone.labels" -}}
{{ include "fanone.selector" . }}
app.kubernetes.io/part-of: fanone
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ .root.Chart.Name }}-{{ .root.Chart.Version }}
{{- end }}

{{- define "fanone.selector" -}}
app.kubernetes.io/name: {{ .appId }}
{{- end }}

{{/* Labels of what belongs to no service. */}}
{{- define "fanone.commonLabels" -}}
{{ include "fanone.labels" (dict "root" . "appId" "fanone") }}
{{- end }}

{{- define "fanone.image" -}}
{{- $images := .root.Values.images -}}
{{ $images.registry }}{{ index $images .service.image }}:{{ $images.tag | default .root.Chart.AppVersion }}
{{- end }}

{{/* Pods meet the level "restricted" of Pod Security. */}}
{{- define "fanone.podSecurity" -}}
runAsNonRoot: true
runAsUser: 1000
runAsGroup: 1000
fsGroup: 1000
fsGroupChangePolicy: OnRootMismatch
seccompProfile:
  type: RuntimeDefault
{{- end }}

{{- define "fanone.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end }}

{{/* Variables of a service as a map; its own settings win. Takes root, appId, service, own. */}}
{{- define "fanone.env" -}}
{{- $values := .root.Values -}}
{{- $env := mustMerge (dict) .service.env .common -}}
{{- range .service.addresses }}{{ $_ := set $env . (index $values.addresses .) }}{{ end -}}
{{- with .service.database }}{{ $_ := set $env "DATABASE" . }}{{ end -}}
{{- with $values.tracing.zipkinEndpoint }}{{ $_ := set $env "ZIPKIN_ENDPOINT" . }}{{ end -}}
{{- if .service.publicPort }}
  {{- $_ := set $env "HTTP_HOST" "0.0.0.0" -}}
  {{- with $values.publicUrl }}{{ $_ := set $env "PUBLIC_URL" . }}{{ end -}}
{{- end -}}
{{- if .service.media }}
  {{- $_ := set $env "STORAGE" $values.media.storage -}}
  {{- if eq $values.media.storage "s3" }}
    {{- with $values.media.s3.endpoint }}{{ $_ := set $env "S3_ENDPOINT" . }}{{ end -}}
    {{- $_ := set $env "S3_REGION" $values.media.s3.region -}}
    {{- $_ := set $env "S3_BUCKET" $values.media.s3.bucket -}}
  {{- end }}
{{- end -}}
{{- if eq .appId "image-search" }}{{ $_ := set $env "IMAGE_SEARCH" (ternary "on" "off" $values.imageSearch) }}{{ end -}}
{{- $fixed := dict "APP_ID" .appId "APP_PORT" (toString .service.port) "APP_HOST" "0.0.0.0" "FANONE_HOME" "/data" "RELEASE" ($values.images.tag | default .root.Chart.AppVersion) "NODE_COMPILE_CACHE" "/tmp/compile-cache" -}}
{{ mustMergeOverwrite $env (.own.env | default dict) $fixed | toYaml }}
{{- end }}

{{/* The seconds from the order to end until the last container has ended. */}}
{{- define "fanone.graceSeconds" -}}
{{- with .Values.rollout }}{{ add .leaveSeconds .drainSeconds .sidecarSeconds }}{{ end -}}
{{- end }}

{{/* The port at the end of host:port. */}}
{{- define "fanone.portOf" -}}
{{ splitList ":" . | last }}
{{- end }}
