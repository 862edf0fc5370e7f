#!/usr/bin/env bash
# Keeps the servers of one HAProxy backend as Rollcall's resolver has them: at its start, whenever the queue brings
# events, and every five minutes besides. Needs aws, curl, jq and haproxy. `once` writes once, and ends.
#   RESOLVER, TOKEN   the stack's outputs        SERVICE, QUEUE_URL   which service, and where its events are
#   BACKENDS          the file that is written   CONFIG               HAProxy's own file
set -euo pipefail
: "${RESOLVER:?}" "${TOKEN:?}" "${SERVICE:?}"
BACKENDS=${BACKENDS:-/etc/haproxy/rollcall.cfg} CONFIG=${CONFIG:-/etc/haproxy/haproxy.cfg}

# What an event says is old by now: the resolver is asked. No healthy instance is an error: an empty backend helps nobody.
render() {
  curl --fail --silent --show-error --max-time 10 --header "Authorization: Bearer $TOKEN" \
    "$RESOLVER/services/$SERVICE?healthy=true" |
    jq --raw-output --exit-status --arg service "$SERVICE" '
      def host: if contains(":") then "[\(.)]" else . end;
      [.instances[] | select((.address | test("^[0-9A-Fa-f.:]+$")) and (.port | type == "number"))]
      | if length == 0 then error("no healthy instance") else sort_by(.id) end
      | "backend \($service)", (.[] |
          "  server \(.id | gsub("[^A-Za-z0-9_.-]"; "_")) \(.address | host):\(.port) weight \([[.weight, 0] | max, 256] | min | floor)")'
}

update() {
  render >"$BACKENDS.new" || return 1
  cmp --silent "$BACKENDS.new" "$BACKENDS" && return 0
  haproxy -c -q -f "$CONFIG" -f "$BACKENDS.new" || return 1
  mv "$BACKENDS.new" "$BACKENDS"
  systemctl reload haproxy
}

if [[ ${1-} == once ]]; then update; exit; fi

: "${QUEUE_URL:?}"
update || echo "$SERVICE: left as it was" >&2
idle=0
while :; do
  events=$(aws sqs receive-message --queue-url "$QUEUE_URL" --wait-time-seconds 20 --max-number-of-messages 10 |
    jq --compact-output '[.Messages[]? | {Id: .MessageId, ReceiptHandle}]') || { sleep 20; continue; }
  if [[ ${events:-[]} == '[]' ]] && ((++idle < 15)); then continue; fi
  idle=0
  # Events that could not be made true come again, as the queue's visibility timeout has it.
  update || { echo "$SERVICE: left as it was" >&2; continue; }
  if [[ ${events:-[]} != '[]' ]]; then
    aws sqs delete-message-batch --queue-url "$QUEUE_URL" --entries "$events" >/dev/null
  fi
done
