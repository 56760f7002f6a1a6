#!/bin/bash
# slurm.sh - run what `llava-check slurm` prints on a real Slurm: sh scripts/slurm.sh [PRESET]
#
# Runs 12 parts on three nodes on this machine (slurmctld, slurmd, munge of Debian's packages). One
# part fails at first, one leaves a torn result, and a node is killed with everything that runs on
# it. The merged report must be the same as that of a single run. Everything is in a separate
# folder, and on the loopback interface only; only processes that this script started are ended.
set -euo pipefail

cd "$(dirname "$0")/.."
# shellcheck disable=SC1091 # found when it runs
. scripts/setup.sh
preset=${1:-dev}
# shellcheck disable=SC2086 # lists of words
need_packages $BUILD_PACKAGES slurm-wlm munge shellcheck
cmake --preset "$preset" >/dev/null
cmake --build --preset "$preset" --target llava-check >/dev/null
program=$PWD/build/$preset/llava-check

work=$(mktemp -d "${TMPDIR:-/tmp}/llava-check-slurm.XXXXXX")
chmod 755 "$work"
host=$(hostname -s)
declare -A started=()

finish() {
    for pid in "${started[@]}"; do kill "$pid" 2>/dev/null || true; done
    wait 2>/dev/null || true
    end_node n1 && end_node n2 && end_node n3
    rm -rf "$work"
}

# Kill the processes of a node: jobs outlive the daemon that started them
end_node() {
    local environ pid
    for environ in /proc/[0-9]*/environ; do
        pid=${environ#/proc/} pid=${pid%/environ}
        if grep -qzxF "SLURM_CONF=${SLURM_CONF:-none}" "$environ" 2>/dev/null &&
            grep -qzxF "SLURMD_NODENAME=$1" "$environ" 2>/dev/null; then
            kill -9 "$pid" 2>/dev/null || true
        fi
    done
}

start_slurm() {
    mkdir -p "$work"/{state,log,pid,munge} "$work"/spool/n{1,2,3}
    chmod 711 "$work/munge"
    (umask 077 && head -c 1024 /dev/urandom >"$work/munge/key")
    cat >"$work/slurm.conf" <<-CONF
	ClusterName=t
	SlurmctldHost=$host(127.0.0.1)
	SlurmctldPort=17000
	SlurmUser=$(id -un)
	SlurmdUser=$(id -un)
	AuthType=auth/munge
	AuthInfo=socket=$work/munge/sock
	CryptoType=crypto/munge
	CommunicationParameters=NoInAddrAny,NoCtldInAddrAny
	StateSaveLocation=$work/state
	SlurmdSpoolDir=$work/spool/%n
	SlurmctldPidFile=$work/pid/slurmctld.pid
	SlurmdPidFile=$work/pid/slurmd-%n.pid
	SlurmctldLogFile=$work/log/slurmctld.log
	SlurmdLogFile=$work/log/slurmd-%n.log
	ProctrackType=proctrack/linuxproc
	TaskPlugin=task/none
	MpiDefault=none
	SwitchType=switch/none
	JobAcctGatherType=jobacct_gather/none
	AccountingStorageType=accounting_storage/none
	SelectType=select/cons_tres
	SelectTypeParameters=CR_Core
	SchedulerType=sched/backfill
	SchedulerParameters=sched_interval=1,bf_interval=2,batch_sched_delay=0
	ReturnToService=2
	JobRequeue=1
	SlurmdTimeout=10
	SlurmctldTimeout=10
	InactiveLimit=0
	KillWait=5
	MinJobAge=300
	SlurmdParameters=config_overrides
	NodeName=n1 NodeHostname=$host NodeAddr=127.0.0.1 Port=17001 CPUs=2 RealMemory=1000
	NodeName=n2 NodeHostname=$host NodeAddr=127.0.0.1 Port=17002 CPUs=2 RealMemory=1000
	NodeName=n3 NodeHostname=$host NodeAddr=127.0.0.1 Port=17003 CPUs=2 RealMemory=1000
	PartitionName=main Nodes=n[1-3] Default=YES MaxTime=INFINITE State=UP
	CONF
    export SLURM_CONF=$work/slurm.conf
    munged --foreground --key-file="$work/munge/key" --socket="$work/munge/sock" \
        --pid-file="$work/munge/pid" --log-file="$work/munge/log" \
        --seed-file="$work/munge/seed" >/dev/null 2>&1 &
    started[munged]=$!
    until munge -S "$work/munge/sock" -n >/dev/null 2>&1; do sleep 0.1; done
    slurmctld -D >/dev/null 2>&1 &
    started[slurmctld]=$!
    for node in n1 n2 n3; do
        slurmd -D -N "$node" >/dev/null 2>&1 &
        started[$node]=$!
    done
    until [ "$(sinfo -h -N -t idle 2>/dev/null | wc -l)" -eq 3 ]; do sleep 0.2; done
}

# Write a wrapper that slows the program down; its fifth part fails once, its seventh leaves a torn result once
make_tool() {
    cat >"$work/tool" <<-TOOL
	#!/bin/sh
	case " \$* " in
	*" --part "*) sleep 3 ;;
	esac
	case " \$* " in
	*" --part 5/12 "*) mkdir "$work/failed" 2>/dev/null && exit 2 ;;
	esac
	"$program" "\$@"
	code=\$?
	case " \$* " in
	*" --part 7/12 "*)
	    if mkdir "$work/torn" 2>/dev/null; then
	        for last; do [ "\$index" = 1 ] && truncate -s 9000 "\$last/index.mdb"; index=0
	            [ "\$last" = --index ] && index=1; done
	    fi ;;
	esac
	exit \$code
	TOOL
    chmod 755 "$work/tool"
}

make_data() {
    mkdir "$work/data"
    cp -r fixtures/demo/images "$work/data/images"
    for copy in 1 2 3; do cp fixtures/demo/llava_demo.json "$work/data/rows$copy.json"; done
    (cd "$work" && "$program" check data --index whole --quiet --isolated) || [ $? -eq 1 ]
}

trap finish EXIT
make_data
make_tool
start_slurm
(cd "$work" && "$program" slurm data --index results --parts 12 --threads 1 >job.sh)
shellcheck "$work/job.sh"
(cd "$work" && LLAVA_CHECK=$work/tool bash job.sh)
sleep 4 # some parts are done, six are running
echo "ending node n2, which runs: $(squeue -h -w n2 -o %i | tr '\n' ' ')"
kill -9 "${started[n2]}"
end_node n2
scontrol update nodename=n2 state=down reason=killed
for second in $(seq 300); do
    [ -f "$work/results/report.json" ] && break
    # requeued jobs would wait for two minutes: start them now
    if [ $((second % 4)) -eq 0 ]; then
        squeue -h -t PENDING -r -o '%A %r' | awk '$2 ~ /BeginTime/ { print $1 }' |
            while read -r job; do scontrol update jobid="$job" starttime=now || true; done
    fi
    sleep 1
done
cat "$work"/results/logs/merge-*.log
[ -d "$work/failed" ] && [ -d "$work/torn" ] # both have happened
mv "$work/whole" "$work/index"
(cd "$work" && "$program" report index --format json --isolated) >"$work/one.json" || [ $? -eq 1 ]
cmp "$work/one.json" "$work/results/report.json"
(cd "$work" && bash job.sh) >"$work/again" # there is nothing left but to merge
grep -q 'Submitted batch job' "$work/again"
scancel -u "$(id -un)"
echo "the merged report is that of one run, after $second s"
