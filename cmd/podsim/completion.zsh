#compdef podsim
# zsh completion for podsim: source <(podsim completion zsh)
_podsim() {
    local -a replies
    replies=("${(@f)$("${words[1]}" __complete -- "${(@)words[2,CURRENT]}" 2>/dev/null)}")
    if [[ -n "${replies[1]}" ]]; then
        compadd -- "${replies[@]}"
    else
        _files
    fi
}
compdef _podsim podsim
