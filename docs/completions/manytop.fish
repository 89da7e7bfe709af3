complete -c manytop -l remote -d 'Add a remote; passwords belong into the config' -r
complete -c manytop -s C -l config -d 'Config file, or its name in a config folder' -r -F
complete -c manytop -l set -d 'Set any key of the config' -r
complete -c manytop -s c -l color -d 'Colours: a theme (--list colorschemes)' -r
complete -c manytop -s l -l layout -d 'Layout: a name or a file, - for standard input' -r
complete -c manytop -s r -l rate -d 'How often to look: 1s, 500ms' -r
complete -c manytop -s S -l graphscale -d 'Horizontal scale of graphs, from 1' -r
complete -c manytop -s i -l interface -d 'Network interfaces, !NAME to leave out' -r
complete -c manytop -s x -l export -d 'Export metrics: :8089 for this machine only, 0.0.0.0:8089 for the network' -r
complete -c manytop -l export-names -d 'Names to export: gotop, node, manytop [default: gotop,node,manytop]' -r
complete -c manytop -l record -d 'Record what is read, with a screen or --headless' -r
complete -c manytop -l replay -d 'Show what was recorded; also with --once, --check, --dump, --summary, --check-alerts' -r -F
complete -c manytop -l at -d 'The instant to show: 03:12, -2h, \'yesterday 03:12\', 2026-11-25T03:12Z' -r
complete -c manytop -l dump -d 'Print a recording: csv, jsonl, openmetrics' -r -f -a "csv\t''
jsonl\t''
openmetrics\t''"
complete -c manytop -l summary -d 'Print the summary of a recording: worst hosts, outages, alerts, biggest processes' -r -f -a "text\t''
json\t''"
complete -c manytop -l check-alerts -d 'Print when each alert rule would have fired over a recording' -r -f -a "text\t''
json\t''"
complete -c manytop -l copy -d 'Write a part of a recording, or a masked one, to another folder' -r -F
complete -c manytop -l from -d 'Begin there' -r
complete -c manytop -l to -d 'End there' -r
complete -c manytop -l source -d 'Only sources of that name; a pattern' -r
complete -c manytop -l kind -d 'Only that kind' -r
complete -c manytop -l once -d 'Print once what there is, and exit' -r -f -a "text\t''
svg\t''
json\t''
prometheus\t''"
complete -c manytop -l size -d 'Size of the frame that --once and --once=svg print [default: 160x48]' -r
complete -c manytop -l check -d 'Compare all hosts with limits, for cron and monitoring: exit status 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN' -r -f -a "text\t''
json\t''"
complete -c manytop -l limit -d 'Set a limit: disk=80,90, load=16, took=,2s' -r
complete -c manytop -l list -d 'Print what there is to choose from' -r -f -a "metrics\t''
providers\t''
widgets\t''
layouts\t''
colorschemes\t''
options\t''
keys\t''
alerts\t''
paths\t''
ssh\t''
devices\t''
history\t''"
complete -c manytop -l no-local -d 'Leave out this machine'
complete -c manytop -l check-config -d 'Read the config and say what is wrong with it'
complete -c manytop -l write-config -d 'Write the settings to a config file'
complete -c manytop -l force -d 'Let --write-config overwrite'
complete -c manytop -s a -l averagecpu -d 'Show the mean of all processors'
complete -c manytop -l no-averagecpu -d 'Leave out the mean of all processors'
complete -c manytop -s p -l percpu -d 'Show each processor'
complete -c manytop -l no-percpu -d 'Leave out the single processors'
complete -c manytop -s s -l statusbar -d 'Show the status bar'
complete -c manytop -l no-statusbar -d 'Leave out the status bar'
complete -c manytop -l mbps -d 'Network rates in bits a second'
complete -c manytop -l bytes -d 'Network rates in bytes a second'
complete -c manytop -s f -l fahrenheit -d 'Temperatures in Fahrenheit'
complete -c manytop -l celsius -d 'Temperatures in Celsius'
complete -c manytop -l export-processes -d 'Export processes too, without their command lines'
complete -c manytop -l export-remotes -d 'Export what is read of remotes too, for another manytop to read as many'
complete -c manytop -l headless -d 'No screen: export (-x), record (--record), or send alerts where their rules say'
complete -c manytop -l demo -d 'Replay the recording that is built in'
complete -c manytop -l mask -d 'Replace names of hosts and users, command lines and addresses'
complete -c manytop -l verbose -d 'With --check-config: every key that is set, its value, and where it is set'
complete -c manytop -s v -l version -d 'Print the version'
complete -c manytop -s h -l help -d 'Print help'
complete -c manytop -l test
complete -c manytop -l nvidia
complete -c manytop -a "(manytop --list ssh 2>/dev/null | string match -r 'ssh://\\S+')"
