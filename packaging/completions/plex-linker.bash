# bash completion for plex-linker
# shellcheck shell=bash

_plex_linker() {
    local fields='--movie-title --tmdb-id --show-name --episode --season --tvdb-id --series-id --episode-id'
    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
    local command='' subcommand='' offered='' i

    # bash takes --config=FILE apart at the equals sign
    if [[ $word == '=' ]]; then
        word=
    elif [[ $before == '=' ]]; then
        before=${COMP_WORDS[COMP_CWORD - 2]}
    fi

    for ((i = 1; i < COMP_CWORD; i++)); do
        case ${COMP_WORDS[i]} in
        --config | --sonarr-config | --radarr-config | --host | --port | --interval)
            i=$((i + 1))
            [[ ${COMP_WORDS[i]} != '=' ]] || i=$((i + 1))
            ;;
        -*) ;;
        *)
            if [[ -z $command ]]; then
                command=${COMP_WORDS[i]}
            elif [[ -z $subcommand ]]; then
                subcommand=${COMP_WORDS[i]}
            fi
            ;;
        esac
    done

    COMPREPLY=()
    if [[ " $fields --host --port --interval " == *" $before "* ]]; then
        return # the word is a value that nobody knows beforehand
    fi
    case $before:$command/$subcommand:$word in
    --config:* | --sonarr-config:* | --radarr-config:* | *:rules/import:[!-]* | *:rules/import:)
        compopt -o filenames 2>/dev/null
        mapfile -t COMPREPLY < <(compgen -f -- "$word")
        return
        ;;
    *:/:*) offered='setup once serve status check connect notify suggest rules key health --dry-run --json --force --help --version' ;;
    *:setup/*) offered='--yes --dry-run --sonarr-config --radarr-config' ;;
    *:once/*) offered='--dry-run --json --force' ;;
    *:serve/*) offered='--host --port --interval' ;;
    *:status/* | *:check/*) offered='--json' ;;
    *:suggest/*) offered='--json --all' ;;
    *:connect/*) offered='--remove --dry-run' ;;
    *:notify/*) offered='--test' ;;
    *:rules/:*) offered='list add edit confirm remove import export' ;;
    *:rules/list:*) offered='--json' ;;
    *:rules/add:* | *:rules/edit:*) offered=$fields ;;
    esac
    mapfile -t COMPREPLY < <(compgen -W "$offered --config" -- "$word")
}

complete -F _plex_linker plex-linker
