# Part of ./run --servers: a Redis and an OpenSearch on this machine, and what to ask them. Sourced by it.
# shellcheck shell=bash

start_servers() {
  if [[ -z ${REDIS_URL:-} ]]; then start_redis; fi
  if [[ -z ${ELASTICSEARCH_URL:-} ]]; then start_opensearch; fi
  export REDIS_URL ELASTICSEARCH_URL
}

start_redis() {
  local port=${REDIS_PORT:-6379}
  command -v redis-server >/dev/null || fail "redis-server is missing: apt-get install redis-server, or name a server that
  runs with REDIS_URL=redis://host:port (deploy/docker-compose.yaml starts one)"
  if listens "$port"; then
    fail "port $port is in use. If a Redis runs there, use it with REDIS_URL=redis://localhost:$port; or choose another REDIS_PORT"
  fi
  redis-server --port "$port" --bind 127.0.0.1 --save '' --appendonly no --maxmemory 512mb >"$DATA_DIR/redis.log" 2>&1 &
  redis_pid=$!
  local i
  for ((i = 0; i < 100; i++)); do
    if listens "$port"; then break; fi
    kill -0 "$redis_pid" 2>/dev/null || fail "redis-server ended; see $DATA_DIR/redis.log"
    sleep 0.1
  done
  REDIS_URL=redis://localhost:$port
}

start_opensearch() {
  local port=${OPENSEARCH_PORT:-9200}
  if listens "$port"; then
    fail "port $port is in use. If an Elasticsearch or OpenSearch runs there, use it with ELASTICSEARCH_URL=http://localhost:$port;
  or choose another OPENSEARCH_PORT"
  fi
  echo "starting OpenSearch (the first time it is fetched and put together, half a minute) ..." >&2
  "$root/tests/opensearch/start" -p "$port" -d "$(cd "$DATA_DIR" && pwd)/opensearch" >"$DATA_DIR/opensearch.log" 2>&1 ||
    fail "OpenSearch does not start:"$'\n'"$(tail -5 "$DATA_DIR/opensearch.log")"$'\n'"  Name a server that runs with
  ELASTICSEARCH_URL=http://host:port (deploy/docker-compose.yaml starts one)"
  opensearch_port=$port
  ELASTICSEARCH_URL=http://localhost:$port
}

print_questions() {
  local address=${REDIS_URL#*://}
  address=${address##*@}
  address=${address%%/*}
  local ask="python3 docs/examples/redis_streams.py --host ${address%:*} --port ${address##*:}"
  cat <<END
After some ten seconds, a chain that ended in ERR_INSUFFICIENT_BALANCE, in each server, and causes by their number:

  Redis        $ask find telemetry:logs code=ERR_INSUFFICIENT_BALANCE | tail -1
               $ask count root_cause telemetry:logs
  OpenSearch   curl -s '$ELASTICSEARCH_URL/logs-*/_search?q=attributes.anomaly.origin.code:ERR_INSUFFICIENT_BALANCE&size=1&pretty'

More questions, and their answers: docs/redis-streams.md, docs/elasticsearch.md

END
}
