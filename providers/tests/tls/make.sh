#!/bin/sh
# Makes the certificates of the TLS tests. None of them guards anything, and the authority's key is
# thrown away.
set -e
cd "$(dirname "$0")"
work=$(mktemp -d)
touch "$work/index"
cat >"$work/conf" <<END
[ca]
default_ca = test
[test]
database = $work/index
new_certs_dir = $work
rand_serial = yes
default_md = sha256
policy = any
unique_subject = no
[any]
commonName = supplied
[authority]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign
END
issue() { # NAME SUBJECT UNTIL SECTION HOW...
    name=$1 subject=$2 until=$3 section=$4
    shift 4
    openssl genpkey -quiet -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$name.key"
    openssl req -new -key "$name.key" -subj "/CN=$subject" -out "$work/csr"
    openssl ca -batch -notext -config "$work/conf" -extensions "$section" -in "$work/csr" \
        -startdate 20200101000000Z -enddate "$until" -out "$name.pem" "$@"
}
leaf() { # NAME ALTERNATIVE-NAME USAGE UNTIL
    printf '[%s]\nbasicConstraints=CA:FALSE\nsubjectAltName=%s\nextendedKeyUsage=%s\n' \
        "$1" "$2" "$3" >>"$work/conf"
    issue "$1" "$1" "$4" "$1" -cert ca.pem -keyfile ca.key
}
issue ca "manytop test authority" 21200101000000Z authority -selfsign -keyfile ca.key
leaf server IP:127.0.0.1 serverAuth 21200101000000Z
leaf expired IP:127.0.0.1 serverAuth 20210101000000Z
leaf wrongname DNS:elsewhere.example serverAuth 21200101000000Z
leaf client DNS:client.example clientAuth 21200101000000Z
rm -rf ca.key "$work"
