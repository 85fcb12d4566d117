
use builtin;
use str;

set edit:completion:arg-completer[sops-rs] = {|@words|
    fn spaces {|n|
        builtin:repeat $n ' ' | str:join ''
    }
    fn cand {|text desc|
        edit:complex-candidate $text &display=$text' '(spaces (- 14 (wcswidth $text)))$desc
    }
    var command = 'sops-rs'
    for word $words[1..-1] {
        if (str:has-prefix $word '-') {
            break
        }
        set command = $command';'$word
    }
    var completions = [
        &'sops-rs'= {
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
            cand init 'Make an identity, a `.sops-rs.yaml`, set git up, and say what comes next'
            cand encrypt 'Encrypt the values of files'
            cand enc 'Encrypt the values of files'
            cand decrypt 'Decrypt files'
            cand dec 'Decrypt files'
            cand edit 'Edit a file in your editor, decrypted'
            cand get 'Print values of an encrypted file'
            cand set 'Set one value of an encrypted file'
            cand unset 'Take one value, map or list out of an encrypted file'
            cand exec-env 'Run a program with the decrypted values in its environment'
            cand exec-file 'Run a program with the decrypted file'
            cand rotate 'Give files a new data key and encrypt every value anew'
            cand updatekeys 'Give files the readers and the policy that their rules say'
            cand convert 'Change encrypted files into files of SOPS, or files of SOPS into native ones'
            cand filestatus 'Tell whether a file is encrypted, as JSON'
            cand diff 'Show what changed in encrypted files: values, readers, policy'
            cand keygen 'Make an identity: a secret key, and the recipient to give to others'
            cand explain 'Explain which rule applies to a file, why, and what it makes of it'
            cand check 'Check that what is to be secret is encrypted, and that nobody without a key has tampered with it'
            cand doctor 'Check that everything is in order here, and tell what to do where it is not'
            cand who 'Tell who can read files, or one value'
            cand keys 'List your identities: where they are, and their recipients'
            cand log 'Tell who changed which value when'
            cand git 'Work with git: drivers for diffs and merges, and hooks'
            cand hook 'Be a hook of git'
            cand demo 'Show it all in a throw-away git repository'
            cand install-as-sops 'Make this program answer to the name `sops`'
            cand completion 'Print a completion script'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'sops-rs;init'= {
            cand --name 'The name under which you read files, in messages and diffs'
            cand --no-git 'Leave git alone'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'sops-rs;encrypt'= {
            cand -o 'Write to this file, `-` is standard output; where it is an encrypted one that you can open, unchanged values keep their tokens'
            cand --output 'Write to this file, `-` is standard output; where it is an encrypted one that you can open, unchanged values keep their tokens'
            cand -r 'Encrypt to this recipient (`age1…`, `ssh-ed25519 …`, `ssh-rsa …`) instead of the config''s; may be repeated. As in SOPS it is also -a/--age'
            cand --recipient 'Encrypt to this recipient (`age1…`, `ssh-ed25519 …`, `ssh-rsa …`) instead of the config''s; may be repeated. As in SOPS it is also -a/--age'
            cand --config 'The config file, instead of the nearest `.sops-rs.yaml` or `.sops.yaml` above the file'
            cand --input-type 'The format of the input, where its name does not tell; files of other names are binary'
            cand --filename-override 'Take format and rule from this name instead of the file''s own'
            cand --identity 'An identity file; looked at before all others'
            cand -i 'Replace each file by its encrypted form'
            cand --in-place 'Replace each file by its encrypted form'
            cand --force 'Overwrite an output file that is not an encrypted one'
            cand -y 'Do not ask, where the rule has readers that the output file does not have yet, or not you any more'
            cand --yes 'Do not ask, where the rule has readers that the output file does not have yet, or not you any more'
            cand -v 'Name the values that stay clear'
            cand --verbose 'Name the values that stay clear'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'sops-rs;enc'= {
            cand -o 'Write to this file, `-` is standard output; where it is an encrypted one that you can open, unchanged values keep their tokens'
            cand --output 'Write to this file, `-` is standard output; where it is an encrypted one that you can open, unchanged values keep their tokens'
            cand -r 'Encrypt to this recipient (`age1…`, `ssh-ed25519 …`, `ssh-rsa …`) instead of the config''s; may be repeated. As in SOPS it is also -a/--age'
            cand --recipient 'Encrypt to this recipient (`age1…`, `ssh-ed25519 …`, `ssh-rsa …`) instead of the config''s; may be repeated. As in SOPS it is also -a/--age'
            cand --config 'The config file, instead of the nearest `.sops-rs.yaml` or `.sops.yaml` above the file'
            cand --input-type 'The format of the input, where its name does not tell; files of other names are binary'
            cand --filename-override 'Take format and rule from this name instead of the file''s own'
            cand --identity 'An identity file; looked at before all others'
            cand -i 'Replace each file by its encrypted form'
            cand --in-place 'Replace each file by its encrypted form'
            cand --force 'Overwrite an output file that is not an encrypted one'
            cand -y 'Do not ask, where the rule has readers that the output file does not have yet, or not you any more'
            cand --yes 'Do not ask, where the rule has readers that the output file does not have yet, or not you any more'
            cand -v 'Name the values that stay clear'
            cand --verbose 'Name the values that stay clear'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'sops-rs;decrypt'= {
            cand -o 'Write to this file, `-` is standard output; a new file is readable by its owner only'
            cand --output 'Write to this file, `-` is standard output; a new file is readable by its owner only'
            cand --extract 'Print one value only, as `db.users[0].name` or `["db"]["users"][0]["name"]`'
            cand --output-type 'Print in this format'
            cand --format 'Print the values by name, for a program that takes them'
            cand --prefix 'What every name begins with'
            cand --separator 'What joins the parts of a path; `_` if not given'
            cand --name 'The name of the Kubernetes Secret, instead of the file''s'
            cand --namespace 'The namespace of the Kubernetes Secret'
            cand --input-type 'The format of the input, where its name does not tell; files of other names are binary'
            cand --filename-override 'Take format and rule from this name instead of the file''s own'
            cand --identity 'An identity file; looked at before all others'
            cand -i 'Replace each file by its plaintext'
            cand --in-place 'Replace each file by its plaintext'
            cand --force 'Overwrite an output file that is an encrypted one'
            cand --mask 'Print `***` for every encrypted value, and all else as it is'
            cand --no-upcase 'Keep names in the case they are written in, as those of dotenv files always are'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'sops-rs;dec'= {
            cand -o 'Write to this file, `-` is standard output; a new file is readable by its owner only'
            cand --output 'Write to this file, `-` is standard output; a new file is readable by its owner only'
            cand --extract 'Print one value only, as `db.users[0].name` or `["db"]["users"][0]["name"]`'
            cand --output-type 'Print in this format'
            cand --format 'Print the values by name, for a program that takes them'
            cand --prefix 'What every name begins with'
            cand --separator 'What joins the parts of a path; `_` if not given'
            cand --name 'The name of the Kubernetes Secret, instead of the file''s'
            cand --namespace 'The namespace of the Kubernetes Secret'
            cand --input-type 'The format of the input, where its name does not tell; files of other names are binary'
            cand --filename-override 'Take format and rule from this name instead of the file''s own'
            cand --identity 'An identity file; looked at before all others'
            cand -i 'Replace each file by its plaintext'
            cand --in-place 'Replace each file by its plaintext'
            cand --force 'Overwrite an output file that is an encrypted one'
            cand --mask 'Print `***` for every encrypted value, and all else as it is'
            cand --no-upcase 'Keep names in the case they are written in, as those of dotenv files always are'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'sops-rs;edit'= {
            cand --with 'Let a program edit instead, without asking anything; `{}` is the path of the plaintext, as in ''sed -i s/a/b/ {}'''
            cand -r 'Encrypt to this recipient (`age1…`, `ssh-ed25519 …`, `ssh-rsa …`) instead of the config''s; may be repeated. As in SOPS it is also -a/--age'
            cand --recipient 'Encrypt to this recipient (`age1…`, `ssh-ed25519 …`, `ssh-rsa …`) instead of the config''s; may be repeated. As in SOPS it is also -a/--age'
            cand --config 'The config file, instead of the nearest `.sops-rs.yaml` or `.sops.yaml` above the file'
            cand --input-type 'The format of the input, where its name does not tell; files of other names are binary'
            cand --filename-override 'Take format and rule from this name instead of the file''s own'
            cand --identity 'An identity file; looked at before all others'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'sops-rs;get'= {
            cand --input-type 'The format of the input, where its name does not tell; files of other names are binary'
            cand --filename-override 'Take format and rule from this name instead of the file''s own'
            cand --identity 'An identity file; looked at before all others'
            cand --json 'Print JSON: the value, or a map from path to value when there are several'
            cand -0 'End each value with a NUL character, as for `xargs -0`'
            cand --null 'End each value with a NUL character, as for `xargs -0`'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'sops-rs;set'= {
            cand --value-file 'Read the value from this file; a line break at its end is not a part of it'
            cand --generate 'Make a random value with this many characters'
            cand --charset 'What a random value is made of: `alnum`, `hex`, `base64url`, `digits`, `ascii`, or `chars:` and the characters'
            cand --input-type 'The format of the input, where its name does not tell; files of other names are binary'
            cand --filename-override 'Take format and rule from this name instead of the file''s own'
            cand --identity 'An identity file; looked at before all others'
            cand --value-stdin 'Read the value from standard input; a line break at its end is not a part of it'
            cand --keep-newline 'Keep the line break at the end of the file or of standard input'
            cand --print 'Print the random value'
            cand --json 'The value is JSON: a number, `true`, `null`, a list or a map, too; a string in double quotes'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'sops-rs;unset'= {
            cand --input-type 'The format of the input, where its name does not tell; files of other names are binary'
            cand --filename-override 'Take format and rule from this name instead of the file''s own'
            cand --identity 'An identity file; looked at before all others'
            cand --ignore-missing 'Succeed, and write nothing, when nothing is there'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'sops-rs;exec-env'= {
            cand --prefix 'What every name begins with'
            cand --separator 'What joins the parts of a path; `_` if not given'
            cand --only 'Hand over only the values whose paths match this glob, as `db.**`; may be repeated'
            cand --except 'Do not hand over the values whose paths match this glob; may be repeated'
            cand --as-file 'Hand the value at PATH over as a file whose path is in the variable VAR, as `tls.key=TLS_KEY_FILE`; may be repeated'
            cand --require 'Run nothing when this variable is missing or empty among the values; may be repeated'
            cand --user 'Run the program as this user, with their groups (needs the superuser)'
            cand --input-type 'The format of the input, where its name does not tell; files of other names are binary'
            cand --filename-override 'Take format and rule from this name instead of the file''s own'
            cand --identity 'An identity file; looked at before all others'
            cand --pristine 'Give the program nothing but the decrypted values'
            cand --no-upcase 'Keep names in the case they are written in, as those of dotenv files always are'
            cand --partial 'Go on without the values of sections that no identity opens'
            cand --same-process 'Replace this process by the program, as is done anyway where nothing is left to do afterwards'
            cand --background 'Do not wait for the program'
            cand --redact 'Replace secret values of 6 bytes or more by `***` in what the program prints, also in base64, URL and JSON spelling'
            cand --watch 'Run the program anew whenever one of the files changes and can be decrypted'
            cand --dry-run 'Print the names of what would be handed over, and run nothing'
            cand --json 'Print the names as JSON'
            cand --detached 'This is the process that stays for --background'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'sops-rs;exec-file'= {
            cand --filename 'The name of the plaintext, without folders; `tmp-file` with the extension of its format by default'
            cand --output-type 'The format of the plaintext; that of the first file by default'
            cand --only 'Hand over only the values whose paths match this glob, as `db.**`; may be repeated'
            cand --except 'Do not hand over the values whose paths match this glob; may be repeated'
            cand --as-file 'Hand the value at PATH over as a file whose path is in the variable VAR, as `tls.key=TLS_KEY_FILE`; may be repeated'
            cand --require 'Run nothing when this variable is missing or empty among the values; may be repeated'
            cand --user 'Run the program as this user, with their groups (needs the superuser)'
            cand --input-type 'The format of the input, where its name does not tell; files of other names are binary'
            cand --filename-override 'Take format and rule from this name instead of the file''s own'
            cand --identity 'An identity file; looked at before all others'
            cand --no-fifo 'A regular file, readable by its owner only, for programs that read it more than once or not in order; it lies in memory where the system has such storage'
            cand --partial 'Go on without the values of sections that no identity opens'
            cand --same-process 'Replace this process by the program, as is done anyway where nothing is left to do afterwards'
            cand --background 'Do not wait for the program'
            cand --redact 'Replace secret values of 6 bytes or more by `***` in what the program prints, also in base64, URL and JSON spelling'
            cand --watch 'Run the program anew whenever one of the files changes and can be decrypted'
            cand --dry-run 'Print the names of what would be handed over, and run nothing'
            cand --json 'Print the names as JSON'
            cand --detached 'This is the process that stays for --background'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'sops-rs;rotate'= {
            cand --input-type 'The format of the files, where their names do not tell'
            cand --jobs 'How many files are worked on at a time; as many as there are processors if not given'
            cand -o 'Write to this file instead, `-` is standard output'
            cand --output 'Write to this file instead, `-` is standard output'
            cand --identity 'An identity file; looked at before all others'
            cand -r 'Take every encrypted file below the folders; folders that git ignores are left out'
            cand --recursive 'Take every encrypted file below the folders; folders that git ignores are left out'
            cand -i 'Replace each file, which is done anyway; for those who know this from SOPS'
            cand --in-place 'Replace each file, which is done anyway; for those who know this from SOPS'
            cand --skip-locked 'Leave out files that no identity of yours opens'
            cand -y 'Do not ask whether a key that stands in a file of SOPS, and in no rule, may read it on'
            cand --yes 'Do not ask whether a key that stands in a file of SOPS, and in no rule, may read it on'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'sops-rs;updatekeys'= {
            cand --input-type 'The format of the files, where their names do not tell'
            cand --jobs 'How many files are worked on at a time; as many as there are processors if not given'
            cand --config 'The config file, instead of the nearest `.sops-rs.yaml` above each file'
            cand --identity 'An identity file; looked at before all others'
            cand -r 'Take every encrypted file below the folders; folders that git ignores are left out'
            cand --recursive 'Take every encrypted file below the folders; folders that git ignores are left out'
            cand --check 'Only tell how the files differ from their rules, and end with 1 if one does; needs no identity'
            cand -y 'Do not ask'
            cand --yes 'Do not ask'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'sops-rs;convert'= {
            cand --to 'What the files are to be'
            cand --input-type 'The format of the files, where their names do not tell'
            cand --jobs 'How many files are worked on at a time; as many as there are processors if not given'
            cand --identity 'An identity file; looked at before all others'
            cand -r 'Take every encrypted file below the folders; folders that git ignores are left out'
            cand --recursive 'Take every encrypted file below the folders; folders that git ignores are left out'
            cand -y 'Do not ask, where readers are new, lost, or named by nothing but the metadata of SOPS, which nobody has signed'
            cand --yes 'Do not ask, where readers are new, lost, or named by nothing but the metadata of SOPS, which nobody has signed'
            cand --encrypt-more 'Also encrypt values and comments that are clear so far'
            cand --allow-respelling 'Go on where SOPS gives back an equal value in another spelling (`1.0` as `1`, dates, block scalars), or another layout'
            cand --skip-locked 'Leave out files that no identity of yours opens'
            cand --force 'Overwrite a config file in the wanted language'
            cand --dry-run 'Only tell what would be done; translated configs are printed'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'sops-rs;filestatus'= {
            cand --input-type 'The format of the input, where its name does not tell; files of other names are binary'
            cand --filename-override 'Take format and rule from this name instead of the file''s own'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'sops-rs;diff'= {
            cand --identity 'An identity file; looked at before all others'
            cand --staged 'Compare what is staged with the last commit, or with the given one (git''s `--cached`, too)'
            cand --no-index 'Compare two files, of a repository or not'
            cand --show 'Decrypt both versions and show values; needs a key'
            cand --mask 'Decrypt both versions and tell which values really changed, without showing them; needs a key'
            cand -v 'Show also what only was written anew'
            cand --verbose 'Show also what only was written anew'
            cand --json 'Print JSON'
            cand --markdown 'Print Markdown, for a comment in a pull request'
            cand --stat 'Print one line for each file'
            cand --name-only 'Print the names of the files only'
            cand --exit-code 'End with 1 when there are differences'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'sops-rs;keygen'= {
            cand -o 'Write to this file; `-` is standard output'
            cand --output 'Write to this file; `-` is standard output'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'sops-rs;explain'= {
            cand --config 'The config file, instead of the nearest `.sops-rs.yaml` above the file'
            cand --input-type 'The format of the input, where its name does not tell; files of other names are binary'
            cand --filename-override 'Take format and rule from this name instead of the file''s own'
            cand -v 'Name every value, and whether it is encrypted'
            cand --verbose 'Name every value, and whether it is encrypted'
            cand --json 'Print JSON'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'sops-rs;check'= {
            cand --against 'Check what differs in the work tree from where it left this revision, as `origin/main`: for CI'
            cand --format 'How to print what was found'
            cand --allow 'Let what this rule finds pass; may be repeated'
            cand --identity 'An identity file; looked at before all others'
            cand --jobs 'How many files are worked on at a time; as many as there are processors if not given'
            cand --staged 'Check what is staged, as it is staged: for a pre-commit hook'
            cand --json 'Print JSON, as --format json does'
            cand --strict 'Let warnings fail, too'
            cand --no-history 'Do not look at earlier states of the files'
            cand --no-key 'Use no identity: nothing is verified that needs one'
            cand --leaks 'Look also for the values of encrypted files in the files that are checked, in clear, in base64 or as programs spell them'
            cand --history 'Look for them in everything that a branch or tag leads to: files, their names, commits and tags'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'sops-rs;doctor'= {
            cand --identity 'An identity file; looked at before all others'
            cand --json 'Print JSON'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'sops-rs;who'= {
            cand -r 'Print the files that this reader reads: a name, or a recipient (`age1…`)'
            cand --recipient 'Print the files that this reader reads: a name, or a recipient (`age1…`)'
            cand --input-type 'The format of the input, where its name does not tell; files of other names are binary'
            cand --filename-override 'Take format and rule from this name instead of the file''s own'
            cand --json 'Print JSON'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'sops-rs;keys'= {
            cand --identity 'An identity file; looked at before all others'
            cand --unlock 'Run commands that print keys, and ask for the passphrases of identity files'
            cand --json 'Print JSON'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'sops-rs;log'= {
            cand -n 'Tell of so many commits at most'
            cand --max-count 'Tell of so many commits at most'
            cand -b 'Tell of each value which commit changed it last'
            cand --blame 'Tell of each value which commit changed it last'
            cand --json 'Print JSON'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'sops-rs;git'= {
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand install 'Set a repository up: encrypted files have readable diffs, merge, and are checked before each commit and merge'
            cand uninstall 'Take away what `git install` added, and nothing else'
            cand textconv 'Print a file as `git diff` shows it; git runs this'
            cand merge 'Merge three versions of a file; git runs this'
            cand resolve 'Resolve the conflicts of encrypted files'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'sops-rs;git;install'= {
            cand --global 'Add the drivers to your own git config, for all repositories whose `.gitattributes` name them, and nothing else'
            cand --no-attributes 'Leave `.gitattributes` alone'
            cand --no-hook 'Leave the hooks alone'
            cand --show 'Let diffs show secrets, where you have a key; without this they show marks, which tell what changed'
            cand -n 'Say what would be done, and do nothing'
            cand --dry-run 'Say what would be done, and do nothing'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'sops-rs;git;uninstall'= {
            cand --global 'Take the drivers out of your own git config, and nothing else'
            cand -n 'Say what would be done, and do nothing'
            cand --dry-run 'Say what would be done, and do nothing'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'sops-rs;git;textconv'= {
            cand --show 'Show the plaintext where a key is at hand'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'sops-rs;git;merge'= {
            cand --marker-size 'The length of conflict markers (%L)'
            cand --path 'The name of the file in the repository, which tells its format and its rule (%P)'
            cand --label-base 'The name of the base in conflict markers (%S)'
            cand --label-ours 'The name of our version (%X)'
            cand --label-theirs 'The name of their version (%Y)'
            cand --identity 'An identity file; looked at before all others'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'sops-rs;git;resolve'= {
            cand --with 'Let a program edit instead, without asking anything; `{}` is the path of the plaintext'
            cand --input-type 'The format of the files, where their names do not tell'
            cand --identity 'An identity file; looked at before all others'
            cand --all 'Take all encrypted files of the repository that wait to be merged'
            cand --ours 'Where both sides differ, take ours, without an editor'
            cand --theirs 'Where both sides differ, take theirs, without an editor'
            cand --union 'Where both sides differ, take the lines of both, without an editor'
            cand --add 'Stage what is resolved, as `git add` does'
            cand -y 'Ask nothing where nothing vouches for a version, for a reader, or for what was merged by hand'
            cand --yes 'Ask nothing where nothing vouches for a version, for a reader, or for what was merged by hand'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'sops-rs;git;help'= {
            cand install 'Set a repository up: encrypted files have readable diffs, merge, and are checked before each commit and merge'
            cand uninstall 'Take away what `git install` added, and nothing else'
            cand textconv 'Print a file as `git diff` shows it; git runs this'
            cand merge 'Merge three versions of a file; git runs this'
            cand resolve 'Resolve the conflicts of encrypted files'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'sops-rs;git;help;install'= {
        }
        &'sops-rs;git;help;uninstall'= {
        }
        &'sops-rs;git;help;textconv'= {
        }
        &'sops-rs;git;help;merge'= {
        }
        &'sops-rs;git;help;resolve'= {
        }
        &'sops-rs;git;help;help'= {
        }
        &'sops-rs;hook'= {
            cand -h 'Print help'
            cand --help 'Print help'
            cand pre-commit 'Check what is about to be committed; git runs this'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'sops-rs;hook;pre-commit'= {
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'sops-rs;hook;help'= {
            cand pre-commit 'Check what is about to be committed; git runs this'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'sops-rs;hook;help;pre-commit'= {
        }
        &'sops-rs;hook;help;help'= {
        }
        &'sops-rs;demo'= {
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'sops-rs;install-as-sops'= {
            cand --force 'Replace another program that is there under this name'
            cand --remove 'Take the link away again'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'sops-rs;completion'= {
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'sops-rs;help'= {
            cand init 'Make an identity, a `.sops-rs.yaml`, set git up, and say what comes next'
            cand encrypt 'Encrypt the values of files'
            cand decrypt 'Decrypt files'
            cand edit 'Edit a file in your editor, decrypted'
            cand get 'Print values of an encrypted file'
            cand set 'Set one value of an encrypted file'
            cand unset 'Take one value, map or list out of an encrypted file'
            cand exec-env 'Run a program with the decrypted values in its environment'
            cand exec-file 'Run a program with the decrypted file'
            cand rotate 'Give files a new data key and encrypt every value anew'
            cand updatekeys 'Give files the readers and the policy that their rules say'
            cand convert 'Change encrypted files into files of SOPS, or files of SOPS into native ones'
            cand filestatus 'Tell whether a file is encrypted, as JSON'
            cand diff 'Show what changed in encrypted files: values, readers, policy'
            cand keygen 'Make an identity: a secret key, and the recipient to give to others'
            cand explain 'Explain which rule applies to a file, why, and what it makes of it'
            cand check 'Check that what is to be secret is encrypted, and that nobody without a key has tampered with it'
            cand doctor 'Check that everything is in order here, and tell what to do where it is not'
            cand who 'Tell who can read files, or one value'
            cand keys 'List your identities: where they are, and their recipients'
            cand log 'Tell who changed which value when'
            cand git 'Work with git: drivers for diffs and merges, and hooks'
            cand hook 'Be a hook of git'
            cand demo 'Show it all in a throw-away git repository'
            cand install-as-sops 'Make this program answer to the name `sops`'
            cand completion 'Print a completion script'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'sops-rs;help;init'= {
        }
        &'sops-rs;help;encrypt'= {
        }
        &'sops-rs;help;decrypt'= {
        }
        &'sops-rs;help;edit'= {
        }
        &'sops-rs;help;get'= {
        }
        &'sops-rs;help;set'= {
        }
        &'sops-rs;help;unset'= {
        }
        &'sops-rs;help;exec-env'= {
        }
        &'sops-rs;help;exec-file'= {
        }
        &'sops-rs;help;rotate'= {
        }
        &'sops-rs;help;updatekeys'= {
        }
        &'sops-rs;help;convert'= {
        }
        &'sops-rs;help;filestatus'= {
        }
        &'sops-rs;help;diff'= {
        }
        &'sops-rs;help;keygen'= {
        }
        &'sops-rs;help;explain'= {
        }
        &'sops-rs;help;check'= {
        }
        &'sops-rs;help;doctor'= {
        }
        &'sops-rs;help;who'= {
        }
        &'sops-rs;help;keys'= {
        }
        &'sops-rs;help;log'= {
        }
        &'sops-rs;help;git'= {
            cand install 'Set a repository up: encrypted files have readable diffs, merge, and are checked before each commit and merge'
            cand uninstall 'Take away what `git install` added, and nothing else'
            cand textconv 'Print a file as `git diff` shows it; git runs this'
            cand merge 'Merge three versions of a file; git runs this'
            cand resolve 'Resolve the conflicts of encrypted files'
        }
        &'sops-rs;help;git;install'= {
        }
        &'sops-rs;help;git;uninstall'= {
        }
        &'sops-rs;help;git;textconv'= {
        }
        &'sops-rs;help;git;merge'= {
        }
        &'sops-rs;help;git;resolve'= {
        }
        &'sops-rs;help;hook'= {
            cand pre-commit 'Check what is about to be committed; git runs this'
        }
        &'sops-rs;help;hook;pre-commit'= {
        }
        &'sops-rs;help;demo'= {
        }
        &'sops-rs;help;install-as-sops'= {
        }
        &'sops-rs;help;completion'= {
        }
        &'sops-rs;help;help'= {
        }
    ]
    $completions[$command]
}
