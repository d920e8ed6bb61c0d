# Prints what zsh makes of `quotad app-server generate-t` when the key is hit, for the first time in this
# shell, at a terminal: with the completion that stands in a folder of $fpath and nothing else.
zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell 'fpath=($XDG_DATA_DIRS/zsh/site-functions $fpath)'
zpty -w shell 'autoload -U compinit && compinit -D -u'
zpty -w shell 'quotad() { print "<$2>" }; PS1=rea""dy'
zpty -r shell screen '*ready*'
zpty -w shell $'quotad app-server generate-t\t'
zpty -r shell screen '*<*>*'
screen=${screen##*<}
print ${screen%%>*}
