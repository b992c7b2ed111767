# fish completion for podsim: podsim completion fish | source
function __podsim_complete
    set -l words (commandline -opc)
    $words[1] __complete -- $words[2..-1] (commandline -ct) 2>/dev/null
end
complete -c podsim -a '(__podsim_complete)'
