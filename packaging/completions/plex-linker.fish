# fish completion for plex-linker

set -l commands setup once serve status check connect notify suggest rules key health
set -l subcommands list add edit confirm remove import export
set -l before "not __fish_seen_subcommand_from $commands"
set -l once "not __fish_seen_subcommand_from setup serve status check connect notify suggest rules key health"
set -l dry "not __fish_seen_subcommand_from setup serve status check notify suggest rules key health"
set -l rules "__fish_seen_subcommand_from rules; and not __fish_seen_subcommand_from $subcommands"
set -l fields '__fish_seen_subcommand_from rules; and __fish_seen_subcommand_from add edit'
set -l json "not __fish_seen_subcommand_from setup serve connect notify key health add edit confirm remove import export"

complete -c plex-linker -f
complete -c plex-linker -l config -r -F -d 'Read the settings from this file'
complete -c plex-linker -n $before -s h -l help -d 'Show the commands and the settings'
complete -c plex-linker -n $before -s V -l version -d 'Show the version'

complete -c plex-linker -n $before -a setup -d 'Find the apps and the media, write the settings, start it'
complete -c plex-linker -n $before -a once -d 'Do one run'
complete -c plex-linker -n $before -a serve -d 'Stay, do a run now and then, and serve the page and the API'
complete -c plex-linker -n $before -a status -d 'What the last run found, rule by rule'
complete -c plex-linker -n $before -a check -d 'Look at everything that is often set up wrong'
complete -c plex-linker -n $before -a connect -d 'Make the webhooks in Radarr and Sonarr, or mend and try them'
complete -c plex-linker -n $before -a notify -d 'Send a test to where news go'
complete -c plex-linker -n $before -a suggest -d 'Films that look like specials'
complete -c plex-linker -n $before -a rules -d 'List, add, edit, confirm, remove, import and export rules'
complete -c plex-linker -n $before -a key -d 'The key that lets other machines in to the page and the API'

complete -c plex-linker -n $before -a health -d 'Whether the daemon here answers'

complete -c plex-linker -n '__fish_seen_subcommand_from setup' -l yes -d 'Ask nobody'
complete -c plex-linker -n '__fish_seen_subcommand_from setup' -s n -l dry-run -d 'Show what would be written, and write nothing'
complete -c plex-linker -n '__fish_seen_subcommand_from setup' -l sonarr-config -r -F -d "Sonarr's config.xml"
complete -c plex-linker -n '__fish_seen_subcommand_from setup' -l radarr-config -r -F -d "Radarr's config.xml"

complete -c plex-linker -n $dry -s n -l dry-run -d 'Show what would be done, and do nothing'
complete -c plex-linker -n $once -s f -l force -d 'Believe an empty library, and remove broken links however many'
complete -c plex-linker -n '__fish_seen_subcommand_from connect' -l remove -d 'Take the webhooks away again'
complete -c plex-linker -n '__fish_seen_subcommand_from notify' -l test -d 'Send a test'
complete -c plex-linker -n $json -l json -d 'Print JSON'
complete -c plex-linker -n '__fish_seen_subcommand_from suggest' -l all -d 'Dismissed ones as well'

complete -c plex-linker -n '__fish_seen_subcommand_from serve' -l host -x -d 'The address to listen at'
complete -c plex-linker -n '__fish_seen_subcommand_from serve' -l port -x -d 'The port to listen at'
complete -c plex-linker -n '__fish_seen_subcommand_from serve' -l interval -x -d 'The minutes between two runs'

complete -c plex-linker -n $rules -a list -d 'The rules, with their numbers'
complete -c plex-linker -n $rules -a add -d 'Add a rule'
complete -c plex-linker -n $rules -a edit -d 'Change a rule'
complete -c plex-linker -n $rules -a confirm -d 'Mean the special that has the number now'
complete -c plex-linker -n $rules -a remove -d 'Remove a rule'
complete -c plex-linker -n $rules -a import -d 'Add and change rules as a file says'
complete -c plex-linker -n $rules -a export -d 'Print all rules as JSON'

complete -c plex-linker -n $fields -l movie-title -x -d "The film's title"
complete -c plex-linker -n $fields -l tmdb-id -x -d "The film's TMDB number"
complete -c plex-linker -n $fields -l show-name -x -d "The show's title"
complete -c plex-linker -n $fields -l episode -x -d "The special's number, or a range such as 1-4"
complete -c plex-linker -n $fields -l season -x -d "The special's season, 00 if not said"
complete -c plex-linker -n $fields -l tvdb-id -x -d "The show's TVDB number"
complete -c plex-linker -n $fields -l series-id -x -d "The show's number in Sonarr"
complete -c plex-linker -n $fields -l episode-id -x -d "The special's number in Sonarr"
complete -c plex-linker -n '__fish_seen_subcommand_from import' -F
