#!/bin/sh
# Kafka's command line tools, by the names of their scripts.
set -eu

case ${0##*/} in
  kafka-broker-api-versions.sh) class=org.apache.kafka.tools.BrokerApiVersionsCommand ;;
  kafka-console-consumer.sh) class=org.apache.kafka.tools.consumer.ConsoleConsumer ;;
  kafka-get-offsets.sh) class=org.apache.kafka.tools.GetOffsetShell ;;
  kafka-topics.sh) class=org.apache.kafka.tools.TopicCommand ;;
  *) echo "${0##*/} is not in this stand-in" >&2; exit 2 ;;
esac
export CLASSPATH='/opt/kafka/libs/*'
# shellcheck disable=SC2086 # options, a word each
exec java ${KAFKA_HEAP_OPTS:--Xmx256M} -XX:TieredStopAtLevel=1 \
  -Dlog4j2.configurationFile=/opt/kafka/config/tools-log4j2.yaml "$class" "$@"
