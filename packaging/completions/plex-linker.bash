# bash completion for plex-linker
# shellcheck shell=bash

_plex_linker() {
    local commands='once serve status check suggest rules key'
    local subcommands='list add edit remove import export'
    local fields='--movie-title --tmdb-id --show-name --episode --season --tvdb-id --series-id --episode-id'
    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} command='' subcommand='' offered='' i

    # bash takes --config=FILE apart at the equals sign
    if [[ $word == '=' ]]; then
        word=
    elif [[ $before == '=' ]]; then
        before=${COMP_WORDS[COMP_CWORD - 2]}
    fi
    for ((i = 1; i < COMP_CWORD; i++)); do
        case ${COMP_WORDS[i]} in
        --config | --host | --port | --interval) [[ ${COMP_WORDS[i + 1]} == '=' ]] && ((i++)); ((i++)) ;;
        -*) ;;
        *) if [[ -z $command ]]; then command=${COMP_WORDS[i]}; else subcommand=${subcommand:-${COMP_WORDS[i]}}; fi ;;
        esac
    done

    COMPREPLY=()
    case $before in
    --config) compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -f -- "$word"); return ;;
    --host | --port | --interval | --movie-title | --tmdb-id | --show-name | --episode | --season | --tvdb-id | --series-id | --episode-id)
        return ;;
    esac
    case $command/$subcommand in
    /) offered="$commands --dry-run --json --force --help --version" ;;
    once/*) offered='--dry-run --json --force' ;;
    serve/*) offered='--host --port --interval' ;;
    status/* | check/* | suggest/*) offered='--json' ;;
    rules/) offered=$subcommands ;;
    rules/list) offered='--json' ;;
    rules/add | rules/edit) offered=$fields ;;
    rules/import) compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -f -- "$word"); return ;;
    esac
    mapfile -t COMPREPLY < <(compgen -W "$offered --config" -- "$word")
}
complete -F _plex_linker plex-linker
