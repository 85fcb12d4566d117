
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
            cand init 'Make an identity, a `.sops-rs.yaml`, and say what comes next'
            cand encrypt 'Encrypt the values of files'
            cand enc 'Encrypt the values of files'
            cand decrypt 'Decrypt files'
            cand dec 'Decrypt files'
            cand edit 'Edit a file in your editor, decrypted'
            cand exec-env 'Run a program with the decrypted values in its environment'
            cand rotate 'Give files a new data key and encrypt every value anew'
            cand updatekeys 'Give files the readers and the policy that their rules say'
            cand filestatus 'Tell whether a file is encrypted, as JSON'
            cand keygen 'Make an identity: a secret key, and the recipient to give to others'
            cand explain 'Explain which rule applies to a file, why, and what it makes of it'
            cand doctor 'Check that everything is in order here, and tell what to do where it is not'
            cand who 'Tell who can read files, or one value'
            cand keys 'List your identities: where they are, and their recipients'
            cand demo 'Show it all in a throw-away git repository'
            cand completion 'Print a completion script'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'sops-rs;init'= {
            cand --name 'The name under which you read files, in messages and diffs'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'sops-rs;encrypt'= {
            cand -o 'Write to this file, `-` is standard output; where it is an encrypted one that you can open, unchanged values keep their tokens'
            cand --output 'Write to this file, `-` is standard output; where it is an encrypted one that you can open, unchanged values keep their tokens'
            cand -r 'Encrypt to this recipient (`age1…`, `ssh-ed25519 …`, `ssh-rsa …`) instead of the config''s; may be repeated. As in SOPS it is also -a/--age'
            cand --recipient 'Encrypt to this recipient (`age1…`, `ssh-ed25519 …`, `ssh-rsa …`) instead of the config''s; may be repeated. As in SOPS it is also -a/--age'
            cand --config 'The config file, instead of the nearest `.sops-rs.yaml` above the file'
            cand --input-type 'The format of the input, where its name does not tell; files of other names are binary'
            cand --filename-override 'Take format and rule from this name instead of the file''s own'
            cand --identity 'An identity file; looked at before all others'
            cand -i 'Replace each file by its encrypted form'
            cand --in-place 'Replace each file by its encrypted form'
            cand --force 'Overwrite an output file that is not an encrypted one'
            cand -y 'Let new readers in without asking, where the rule has some that the output file does not have yet'
            cand --yes 'Let new readers in without asking, where the rule has some that the output file does not have yet'
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
            cand --config 'The config file, instead of the nearest `.sops-rs.yaml` above the file'
            cand --input-type 'The format of the input, where its name does not tell; files of other names are binary'
            cand --filename-override 'Take format and rule from this name instead of the file''s own'
            cand --identity 'An identity file; looked at before all others'
            cand -i 'Replace each file by its encrypted form'
            cand --in-place 'Replace each file by its encrypted form'
            cand --force 'Overwrite an output file that is not an encrypted one'
            cand -y 'Let new readers in without asking, where the rule has some that the output file does not have yet'
            cand --yes 'Let new readers in without asking, where the rule has some that the output file does not have yet'
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
            cand --separator 'What joins the parts of a path; `_` if not given, in a Kubernetes Secret `.`'
            cand --name 'The name of the Kubernetes Secret, instead of the file''s'
            cand --namespace 'The namespace of the Kubernetes Secret'
            cand --input-type 'The format of the input, where its name does not tell; files of other names are binary'
            cand --filename-override 'Take format and rule from this name instead of the file''s own'
            cand --identity 'An identity file; looked at before all others'
            cand -i 'Replace each file by its plaintext'
            cand --in-place 'Replace each file by its plaintext'
            cand --force 'Overwrite an output file that is an encrypted one'
            cand --mask 'Print `***` for every encrypted value, and all else as it is'
            cand --no-upcase 'Keep names of YAML and JSON files in the case they are written in; in a Kubernetes Secret they always are'
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
            cand --separator 'What joins the parts of a path; `_` if not given, in a Kubernetes Secret `.`'
            cand --name 'The name of the Kubernetes Secret, instead of the file''s'
            cand --namespace 'The namespace of the Kubernetes Secret'
            cand --input-type 'The format of the input, where its name does not tell; files of other names are binary'
            cand --filename-override 'Take format and rule from this name instead of the file''s own'
            cand --identity 'An identity file; looked at before all others'
            cand -i 'Replace each file by its plaintext'
            cand --in-place 'Replace each file by its plaintext'
            cand --force 'Overwrite an output file that is an encrypted one'
            cand --mask 'Print `***` for every encrypted value, and all else as it is'
            cand --no-upcase 'Keep names of YAML and JSON files in the case they are written in; in a Kubernetes Secret they always are'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'sops-rs;edit'= {
            cand --with 'Let a program edit instead, without asking anything; `{}` is the path of the plaintext, as in ''sed -i s/a/b/ {}'''
            cand -r 'Encrypt to this recipient (`age1…`, `ssh-ed25519 …`, `ssh-rsa …`) instead of the config''s; may be repeated. As in SOPS it is also -a/--age'
            cand --recipient 'Encrypt to this recipient (`age1…`, `ssh-ed25519 …`, `ssh-rsa …`) instead of the config''s; may be repeated. As in SOPS it is also -a/--age'
            cand --config 'The config file, instead of the nearest `.sops-rs.yaml` above the file'
            cand --input-type 'The format of the input, where its name does not tell; files of other names are binary'
            cand --filename-override 'Take format and rule from this name instead of the file''s own'
            cand --identity 'An identity file; looked at before all others'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'sops-rs;exec-env'= {
            cand --separator 'What joins the parts of a path'
            cand --prefix 'What every name begins with'
            cand --input-type 'The format of the input, where its name does not tell; files of other names are binary'
            cand --filename-override 'Take format and rule from this name instead of the file''s own'
            cand --identity 'An identity file; looked at before all others'
            cand --pristine 'Give the program nothing but the decrypted values'
            cand --no-upcase 'Keep names of YAML and JSON files in the case they are written in'
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
        &'sops-rs;filestatus'= {
            cand --input-type 'The format of the input, where its name does not tell; files of other names are binary'
            cand --filename-override 'Take format and rule from this name instead of the file''s own'
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
        &'sops-rs;demo'= {
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'sops-rs;completion'= {
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'sops-rs;help'= {
            cand init 'Make an identity, a `.sops-rs.yaml`, and say what comes next'
            cand encrypt 'Encrypt the values of files'
            cand decrypt 'Decrypt files'
            cand edit 'Edit a file in your editor, decrypted'
            cand exec-env 'Run a program with the decrypted values in its environment'
            cand rotate 'Give files a new data key and encrypt every value anew'
            cand updatekeys 'Give files the readers and the policy that their rules say'
            cand filestatus 'Tell whether a file is encrypted, as JSON'
            cand keygen 'Make an identity: a secret key, and the recipient to give to others'
            cand explain 'Explain which rule applies to a file, why, and what it makes of it'
            cand doctor 'Check that everything is in order here, and tell what to do where it is not'
            cand who 'Tell who can read files, or one value'
            cand keys 'List your identities: where they are, and their recipients'
            cand demo 'Show it all in a throw-away git repository'
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
        &'sops-rs;help;exec-env'= {
        }
        &'sops-rs;help;rotate'= {
        }
        &'sops-rs;help;updatekeys'= {
        }
        &'sops-rs;help;filestatus'= {
        }
        &'sops-rs;help;keygen'= {
        }
        &'sops-rs;help;explain'= {
        }
        &'sops-rs;help;doctor'= {
        }
        &'sops-rs;help;who'= {
        }
        &'sops-rs;help;keys'= {
        }
        &'sops-rs;help;demo'= {
        }
        &'sops-rs;help;completion'= {
        }
        &'sops-rs;help;help'= {
        }
    ]
    $completions[$command]
}
