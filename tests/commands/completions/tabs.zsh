# tabs.zsh FOLDER LINE...: types each line into a zsh on a terminal of its own, presses tab, and prints what is offered by the
# completions in FOLDER.
zmodload zsh/zpty
if [[ $1 == inside ]]; then
    fpath=($2 $fpath)
    PS1=
    autoload -Uz compinit
    compinit -u -D
    compadd() {
        if [[ -z ${(M)@:#-[OAD]} ]]; then
            local -a offered
            builtin compadd -O offered "$@"
            print -rl -- OFFERED:$^offered
        fi
        builtin compadd "$@"
    }
    # zsh forgets both after each use
    begun() { compprefuncs=(begun); comppostfuncs=(ended); print BEGUN; }
    ended() { print ENDED; }
    compprefuncs=(begun)
    comppostfuncs=(ended)
    bindkey '^I' complete-word
    print READY
    return
fi

export TERM=dumb
zpty shell zsh -f -i
zpty -w shell "source ${(q)0} inside ${(q)1}"
zpty -r -m shell heard '*READY*'
for line in "${@:2}"; do
    zpty -w -n shell "$line"$'\t'
    zpty -r -m shell heard '*ENDED*'
    print -r -- "AFTER:$line"
    print -r -- "${heard##*BEGUN}"
    # away with the line
    zpty -w -n shell $'\C-u'
done
