
using namespace System.Management.Automation
using namespace System.Management.Automation.Language

Register-ArgumentCompleter -Native -CommandName 'sops-rs' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $commandElements = $commandAst.CommandElements
    $command = @(
        'sops-rs'
        for ($i = 1; $i -lt $commandElements.Count; $i++) {
            $element = $commandElements[$i]
            if ($element -isnot [StringConstantExpressionAst] -or
                $element.StringConstantType -ne [StringConstantType]::BareWord -or
                $element.Value.StartsWith('-') -or
                $element.Value -eq $wordToComplete) {
                break
        }
        $element.Value
    }) -join ';'

    $completions = @(switch ($command) {
        'sops-rs' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('init', 'init', [CompletionResultType]::ParameterValue, 'Make an identity, a `.sops-rs.yaml`, set git up, and say what comes next')
            [CompletionResult]::new('encrypt', 'encrypt', [CompletionResultType]::ParameterValue, 'Encrypt the values of files')
            [CompletionResult]::new('enc', 'enc', [CompletionResultType]::ParameterValue, 'Encrypt the values of files')
            [CompletionResult]::new('decrypt', 'decrypt', [CompletionResultType]::ParameterValue, 'Decrypt files')
            [CompletionResult]::new('dec', 'dec', [CompletionResultType]::ParameterValue, 'Decrypt files')
            [CompletionResult]::new('edit', 'edit', [CompletionResultType]::ParameterValue, 'Edit a file in your editor, decrypted')
            [CompletionResult]::new('get', 'get', [CompletionResultType]::ParameterValue, 'Print values of an encrypted file')
            [CompletionResult]::new('set', 'set', [CompletionResultType]::ParameterValue, 'Set one value of an encrypted file')
            [CompletionResult]::new('unset', 'unset', [CompletionResultType]::ParameterValue, 'Take one value, map or list out of an encrypted file')
            [CompletionResult]::new('exec-env', 'exec-env', [CompletionResultType]::ParameterValue, 'Run a program with the decrypted values in its environment')
            [CompletionResult]::new('exec-file', 'exec-file', [CompletionResultType]::ParameterValue, 'Run a program with the decrypted file')
            [CompletionResult]::new('rotate', 'rotate', [CompletionResultType]::ParameterValue, 'Give files a new data key and encrypt every value anew')
            [CompletionResult]::new('updatekeys', 'updatekeys', [CompletionResultType]::ParameterValue, 'Give files the readers and the policy that their rules say')
            [CompletionResult]::new('convert', 'convert', [CompletionResultType]::ParameterValue, 'Change encrypted files into files of SOPS, or files of SOPS into native ones')
            [CompletionResult]::new('filestatus', 'filestatus', [CompletionResultType]::ParameterValue, 'Tell whether a file is encrypted, as JSON')
            [CompletionResult]::new('diff', 'diff', [CompletionResultType]::ParameterValue, 'Show what changed in encrypted files: values, readers, policy')
            [CompletionResult]::new('keygen', 'keygen', [CompletionResultType]::ParameterValue, 'Make an identity: a secret key, and the recipient to give to others')
            [CompletionResult]::new('explain', 'explain', [CompletionResultType]::ParameterValue, 'Explain which rule applies to a file, why, and what it makes of it')
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'Check that what is to be secret is encrypted, and that nobody without a key has tampered with it')
            [CompletionResult]::new('doctor', 'doctor', [CompletionResultType]::ParameterValue, 'Check that everything is in order here, and tell what to do where it is not')
            [CompletionResult]::new('who', 'who', [CompletionResultType]::ParameterValue, 'Tell who can read files, or one value')
            [CompletionResult]::new('keys', 'keys', [CompletionResultType]::ParameterValue, 'List your identities: where they are, and their recipients')
            [CompletionResult]::new('log', 'log', [CompletionResultType]::ParameterValue, 'Tell who changed which value when')
            [CompletionResult]::new('git', 'git', [CompletionResultType]::ParameterValue, 'Work with git: drivers for diffs and merges, and hooks')
            [CompletionResult]::new('hook', 'hook', [CompletionResultType]::ParameterValue, 'Be a hook of git')
            [CompletionResult]::new('demo', 'demo', [CompletionResultType]::ParameterValue, 'Show it all in a throw-away git repository')
            [CompletionResult]::new('install-as-sops', 'install-as-sops', [CompletionResultType]::ParameterValue, 'Make this program answer to the name `sops`')
            [CompletionResult]::new('completion', 'completion', [CompletionResultType]::ParameterValue, 'Print a completion script')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'sops-rs;init' {
            [CompletionResult]::new('--name', '--name', [CompletionResultType]::ParameterName, 'The name under which you read files, in messages and diffs')
            [CompletionResult]::new('--no-git', '--no-git', [CompletionResultType]::ParameterName, 'Leave git alone')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'sops-rs;encrypt' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Write to this file, `-` is standard output; where it is an encrypted one that you can open, unchanged values keep their tokens')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Write to this file, `-` is standard output; where it is an encrypted one that you can open, unchanged values keep their tokens')
            [CompletionResult]::new('-r', '-r', [CompletionResultType]::ParameterName, 'Encrypt to this recipient (`age1…`, `ssh-ed25519 …`, `ssh-rsa …`) instead of the config''s; may be repeated. As in SOPS it is also -a/--age')
            [CompletionResult]::new('--recipient', '--recipient', [CompletionResultType]::ParameterName, 'Encrypt to this recipient (`age1…`, `ssh-ed25519 …`, `ssh-rsa …`) instead of the config''s; may be repeated. As in SOPS it is also -a/--age')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The config file, instead of the nearest `.sops-rs.yaml` or `.sops.yaml` above the file')
            [CompletionResult]::new('--input-type', '--input-type', [CompletionResultType]::ParameterName, 'The format of the input, where its name does not tell; files of other names are binary')
            [CompletionResult]::new('--filename-override', '--filename-override', [CompletionResultType]::ParameterName, 'Take format and rule from this name instead of the file''s own')
            [CompletionResult]::new('--identity', '--identity', [CompletionResultType]::ParameterName, 'An identity file; looked at before all others')
            [CompletionResult]::new('-i', '-i', [CompletionResultType]::ParameterName, 'Replace each file by its encrypted form')
            [CompletionResult]::new('--in-place', '--in-place', [CompletionResultType]::ParameterName, 'Replace each file by its encrypted form')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Overwrite an output file that is not an encrypted one')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Do not ask, where the rule has readers that the output file does not have yet, or not you any more')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Do not ask, where the rule has readers that the output file does not have yet, or not you any more')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Name the values that stay clear')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Name the values that stay clear')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'sops-rs;enc' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Write to this file, `-` is standard output; where it is an encrypted one that you can open, unchanged values keep their tokens')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Write to this file, `-` is standard output; where it is an encrypted one that you can open, unchanged values keep their tokens')
            [CompletionResult]::new('-r', '-r', [CompletionResultType]::ParameterName, 'Encrypt to this recipient (`age1…`, `ssh-ed25519 …`, `ssh-rsa …`) instead of the config''s; may be repeated. As in SOPS it is also -a/--age')
            [CompletionResult]::new('--recipient', '--recipient', [CompletionResultType]::ParameterName, 'Encrypt to this recipient (`age1…`, `ssh-ed25519 …`, `ssh-rsa …`) instead of the config''s; may be repeated. As in SOPS it is also -a/--age')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The config file, instead of the nearest `.sops-rs.yaml` or `.sops.yaml` above the file')
            [CompletionResult]::new('--input-type', '--input-type', [CompletionResultType]::ParameterName, 'The format of the input, where its name does not tell; files of other names are binary')
            [CompletionResult]::new('--filename-override', '--filename-override', [CompletionResultType]::ParameterName, 'Take format and rule from this name instead of the file''s own')
            [CompletionResult]::new('--identity', '--identity', [CompletionResultType]::ParameterName, 'An identity file; looked at before all others')
            [CompletionResult]::new('-i', '-i', [CompletionResultType]::ParameterName, 'Replace each file by its encrypted form')
            [CompletionResult]::new('--in-place', '--in-place', [CompletionResultType]::ParameterName, 'Replace each file by its encrypted form')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Overwrite an output file that is not an encrypted one')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Do not ask, where the rule has readers that the output file does not have yet, or not you any more')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Do not ask, where the rule has readers that the output file does not have yet, or not you any more')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Name the values that stay clear')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Name the values that stay clear')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'sops-rs;decrypt' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Write to this file, `-` is standard output; a new file is readable by its owner only')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Write to this file, `-` is standard output; a new file is readable by its owner only')
            [CompletionResult]::new('--extract', '--extract', [CompletionResultType]::ParameterName, 'Print one value only, as `db.users[0].name` or `["db"]["users"][0]["name"]`')
            [CompletionResult]::new('--output-type', '--output-type', [CompletionResultType]::ParameterName, 'Print in this format')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Print the values by name, for a program that takes them')
            [CompletionResult]::new('--prefix', '--prefix', [CompletionResultType]::ParameterName, 'What every name begins with')
            [CompletionResult]::new('--separator', '--separator', [CompletionResultType]::ParameterName, 'What joins the parts of a path; `_` if not given')
            [CompletionResult]::new('--name', '--name', [CompletionResultType]::ParameterName, 'The name of the Kubernetes Secret, instead of the file''s')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'The namespace of the Kubernetes Secret')
            [CompletionResult]::new('--input-type', '--input-type', [CompletionResultType]::ParameterName, 'The format of the input, where its name does not tell; files of other names are binary')
            [CompletionResult]::new('--filename-override', '--filename-override', [CompletionResultType]::ParameterName, 'Take format and rule from this name instead of the file''s own')
            [CompletionResult]::new('--identity', '--identity', [CompletionResultType]::ParameterName, 'An identity file; looked at before all others')
            [CompletionResult]::new('-i', '-i', [CompletionResultType]::ParameterName, 'Replace each file by its plaintext')
            [CompletionResult]::new('--in-place', '--in-place', [CompletionResultType]::ParameterName, 'Replace each file by its plaintext')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Overwrite an output file that is an encrypted one')
            [CompletionResult]::new('--mask', '--mask', [CompletionResultType]::ParameterName, 'Print `***` for every encrypted value, and all else as it is')
            [CompletionResult]::new('--no-upcase', '--no-upcase', [CompletionResultType]::ParameterName, 'Keep names in the case they are written in, as those of dotenv files always are')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'sops-rs;dec' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Write to this file, `-` is standard output; a new file is readable by its owner only')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Write to this file, `-` is standard output; a new file is readable by its owner only')
            [CompletionResult]::new('--extract', '--extract', [CompletionResultType]::ParameterName, 'Print one value only, as `db.users[0].name` or `["db"]["users"][0]["name"]`')
            [CompletionResult]::new('--output-type', '--output-type', [CompletionResultType]::ParameterName, 'Print in this format')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Print the values by name, for a program that takes them')
            [CompletionResult]::new('--prefix', '--prefix', [CompletionResultType]::ParameterName, 'What every name begins with')
            [CompletionResult]::new('--separator', '--separator', [CompletionResultType]::ParameterName, 'What joins the parts of a path; `_` if not given')
            [CompletionResult]::new('--name', '--name', [CompletionResultType]::ParameterName, 'The name of the Kubernetes Secret, instead of the file''s')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'The namespace of the Kubernetes Secret')
            [CompletionResult]::new('--input-type', '--input-type', [CompletionResultType]::ParameterName, 'The format of the input, where its name does not tell; files of other names are binary')
            [CompletionResult]::new('--filename-override', '--filename-override', [CompletionResultType]::ParameterName, 'Take format and rule from this name instead of the file''s own')
            [CompletionResult]::new('--identity', '--identity', [CompletionResultType]::ParameterName, 'An identity file; looked at before all others')
            [CompletionResult]::new('-i', '-i', [CompletionResultType]::ParameterName, 'Replace each file by its plaintext')
            [CompletionResult]::new('--in-place', '--in-place', [CompletionResultType]::ParameterName, 'Replace each file by its plaintext')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Overwrite an output file that is an encrypted one')
            [CompletionResult]::new('--mask', '--mask', [CompletionResultType]::ParameterName, 'Print `***` for every encrypted value, and all else as it is')
            [CompletionResult]::new('--no-upcase', '--no-upcase', [CompletionResultType]::ParameterName, 'Keep names in the case they are written in, as those of dotenv files always are')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'sops-rs;edit' {
            [CompletionResult]::new('--with', '--with', [CompletionResultType]::ParameterName, 'Let a program edit instead, without asking anything; `{}` is the path of the plaintext, as in ''sed -i s/a/b/ {}''')
            [CompletionResult]::new('-r', '-r', [CompletionResultType]::ParameterName, 'Encrypt to this recipient (`age1…`, `ssh-ed25519 …`, `ssh-rsa …`) instead of the config''s; may be repeated. As in SOPS it is also -a/--age')
            [CompletionResult]::new('--recipient', '--recipient', [CompletionResultType]::ParameterName, 'Encrypt to this recipient (`age1…`, `ssh-ed25519 …`, `ssh-rsa …`) instead of the config''s; may be repeated. As in SOPS it is also -a/--age')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The config file, instead of the nearest `.sops-rs.yaml` or `.sops.yaml` above the file')
            [CompletionResult]::new('--input-type', '--input-type', [CompletionResultType]::ParameterName, 'The format of the input, where its name does not tell; files of other names are binary')
            [CompletionResult]::new('--filename-override', '--filename-override', [CompletionResultType]::ParameterName, 'Take format and rule from this name instead of the file''s own')
            [CompletionResult]::new('--identity', '--identity', [CompletionResultType]::ParameterName, 'An identity file; looked at before all others')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'sops-rs;get' {
            [CompletionResult]::new('--input-type', '--input-type', [CompletionResultType]::ParameterName, 'The format of the input, where its name does not tell; files of other names are binary')
            [CompletionResult]::new('--filename-override', '--filename-override', [CompletionResultType]::ParameterName, 'Take format and rule from this name instead of the file''s own')
            [CompletionResult]::new('--identity', '--identity', [CompletionResultType]::ParameterName, 'An identity file; looked at before all others')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON: the value, or a map from path to value when there are several')
            [CompletionResult]::new('-0', '-0', [CompletionResultType]::ParameterName, 'End each value with a NUL character, as for `xargs -0`')
            [CompletionResult]::new('--null', '--null', [CompletionResultType]::ParameterName, 'End each value with a NUL character, as for `xargs -0`')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'sops-rs;set' {
            [CompletionResult]::new('--value-file', '--value-file', [CompletionResultType]::ParameterName, 'Read the value from this file; a line break at its end is not a part of it')
            [CompletionResult]::new('--generate', '--generate', [CompletionResultType]::ParameterName, 'Make a random value with this many characters')
            [CompletionResult]::new('--charset', '--charset', [CompletionResultType]::ParameterName, 'What a random value is made of: `alnum`, `hex`, `base64url`, `digits`, `ascii`, or `chars:` and the characters')
            [CompletionResult]::new('--input-type', '--input-type', [CompletionResultType]::ParameterName, 'The format of the input, where its name does not tell; files of other names are binary')
            [CompletionResult]::new('--filename-override', '--filename-override', [CompletionResultType]::ParameterName, 'Take format and rule from this name instead of the file''s own')
            [CompletionResult]::new('--identity', '--identity', [CompletionResultType]::ParameterName, 'An identity file; looked at before all others')
            [CompletionResult]::new('--value-stdin', '--value-stdin', [CompletionResultType]::ParameterName, 'Read the value from standard input; a line break at its end is not a part of it')
            [CompletionResult]::new('--keep-newline', '--keep-newline', [CompletionResultType]::ParameterName, 'Keep the line break at the end of the file or of standard input')
            [CompletionResult]::new('--print', '--print', [CompletionResultType]::ParameterName, 'Print the random value')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'The value is JSON: a number, `true`, `null`, a list or a map, too; a string in double quotes')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'sops-rs;unset' {
            [CompletionResult]::new('--input-type', '--input-type', [CompletionResultType]::ParameterName, 'The format of the input, where its name does not tell; files of other names are binary')
            [CompletionResult]::new('--filename-override', '--filename-override', [CompletionResultType]::ParameterName, 'Take format and rule from this name instead of the file''s own')
            [CompletionResult]::new('--identity', '--identity', [CompletionResultType]::ParameterName, 'An identity file; looked at before all others')
            [CompletionResult]::new('--ignore-missing', '--ignore-missing', [CompletionResultType]::ParameterName, 'Succeed, and write nothing, when nothing is there')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'sops-rs;exec-env' {
            [CompletionResult]::new('--prefix', '--prefix', [CompletionResultType]::ParameterName, 'What every name begins with')
            [CompletionResult]::new('--separator', '--separator', [CompletionResultType]::ParameterName, 'What joins the parts of a path; `_` if not given')
            [CompletionResult]::new('--only', '--only', [CompletionResultType]::ParameterName, 'Hand over only the values whose paths match this glob, as `db.**`; may be repeated')
            [CompletionResult]::new('--except', '--except', [CompletionResultType]::ParameterName, 'Do not hand over the values whose paths match this glob; may be repeated')
            [CompletionResult]::new('--as-file', '--as-file', [CompletionResultType]::ParameterName, 'Hand the value at PATH over as a file whose path is in the variable VAR, as `tls.key=TLS_KEY_FILE`; may be repeated')
            [CompletionResult]::new('--require', '--require', [CompletionResultType]::ParameterName, 'Run nothing when this variable is missing or empty among the values; may be repeated')
            [CompletionResult]::new('--user', '--user', [CompletionResultType]::ParameterName, 'Run the program as this user, with their groups (needs the superuser)')
            [CompletionResult]::new('--input-type', '--input-type', [CompletionResultType]::ParameterName, 'The format of the input, where its name does not tell; files of other names are binary')
            [CompletionResult]::new('--filename-override', '--filename-override', [CompletionResultType]::ParameterName, 'Take format and rule from this name instead of the file''s own')
            [CompletionResult]::new('--identity', '--identity', [CompletionResultType]::ParameterName, 'An identity file; looked at before all others')
            [CompletionResult]::new('--pristine', '--pristine', [CompletionResultType]::ParameterName, 'Give the program nothing but the decrypted values')
            [CompletionResult]::new('--no-upcase', '--no-upcase', [CompletionResultType]::ParameterName, 'Keep names in the case they are written in, as those of dotenv files always are')
            [CompletionResult]::new('--partial', '--partial', [CompletionResultType]::ParameterName, 'Go on without the values of sections that no identity opens')
            [CompletionResult]::new('--same-process', '--same-process', [CompletionResultType]::ParameterName, 'Replace this process by the program, as is done anyway where nothing is left to do afterwards')
            [CompletionResult]::new('--background', '--background', [CompletionResultType]::ParameterName, 'Do not wait for the program')
            [CompletionResult]::new('--redact', '--redact', [CompletionResultType]::ParameterName, 'Replace secret values of 6 bytes or more by `***` in what the program prints, also in base64, URL and JSON spelling')
            [CompletionResult]::new('--watch', '--watch', [CompletionResultType]::ParameterName, 'Run the program anew whenever one of the files changes and can be decrypted')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Print the names of what would be handed over, and run nothing')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print the names as JSON')
            [CompletionResult]::new('--detached', '--detached', [CompletionResultType]::ParameterName, 'This is the process that stays for --background')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'sops-rs;exec-file' {
            [CompletionResult]::new('--filename', '--filename', [CompletionResultType]::ParameterName, 'The name of the plaintext, without folders; `tmp-file` with the extension of its format by default')
            [CompletionResult]::new('--output-type', '--output-type', [CompletionResultType]::ParameterName, 'The format of the plaintext; that of the first file by default')
            [CompletionResult]::new('--only', '--only', [CompletionResultType]::ParameterName, 'Hand over only the values whose paths match this glob, as `db.**`; may be repeated')
            [CompletionResult]::new('--except', '--except', [CompletionResultType]::ParameterName, 'Do not hand over the values whose paths match this glob; may be repeated')
            [CompletionResult]::new('--as-file', '--as-file', [CompletionResultType]::ParameterName, 'Hand the value at PATH over as a file whose path is in the variable VAR, as `tls.key=TLS_KEY_FILE`; may be repeated')
            [CompletionResult]::new('--require', '--require', [CompletionResultType]::ParameterName, 'Run nothing when this variable is missing or empty among the values; may be repeated')
            [CompletionResult]::new('--user', '--user', [CompletionResultType]::ParameterName, 'Run the program as this user, with their groups (needs the superuser)')
            [CompletionResult]::new('--input-type', '--input-type', [CompletionResultType]::ParameterName, 'The format of the input, where its name does not tell; files of other names are binary')
            [CompletionResult]::new('--filename-override', '--filename-override', [CompletionResultType]::ParameterName, 'Take format and rule from this name instead of the file''s own')
            [CompletionResult]::new('--identity', '--identity', [CompletionResultType]::ParameterName, 'An identity file; looked at before all others')
            [CompletionResult]::new('--no-fifo', '--no-fifo', [CompletionResultType]::ParameterName, 'A regular file, readable by its owner only, for programs that read it more than once or not in order; it lies in memory where the system has such storage')
            [CompletionResult]::new('--partial', '--partial', [CompletionResultType]::ParameterName, 'Go on without the values of sections that no identity opens')
            [CompletionResult]::new('--same-process', '--same-process', [CompletionResultType]::ParameterName, 'Replace this process by the program, as is done anyway where nothing is left to do afterwards')
            [CompletionResult]::new('--background', '--background', [CompletionResultType]::ParameterName, 'Do not wait for the program')
            [CompletionResult]::new('--redact', '--redact', [CompletionResultType]::ParameterName, 'Replace secret values of 6 bytes or more by `***` in what the program prints, also in base64, URL and JSON spelling')
            [CompletionResult]::new('--watch', '--watch', [CompletionResultType]::ParameterName, 'Run the program anew whenever one of the files changes and can be decrypted')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Print the names of what would be handed over, and run nothing')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print the names as JSON')
            [CompletionResult]::new('--detached', '--detached', [CompletionResultType]::ParameterName, 'This is the process that stays for --background')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'sops-rs;rotate' {
            [CompletionResult]::new('--input-type', '--input-type', [CompletionResultType]::ParameterName, 'The format of the files, where their names do not tell')
            [CompletionResult]::new('--jobs', '--jobs', [CompletionResultType]::ParameterName, 'How many files are worked on at a time; as many as there are processors if not given')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Write to this file instead, `-` is standard output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Write to this file instead, `-` is standard output')
            [CompletionResult]::new('--identity', '--identity', [CompletionResultType]::ParameterName, 'An identity file; looked at before all others')
            [CompletionResult]::new('-r', '-r', [CompletionResultType]::ParameterName, 'Take every encrypted file below the folders; folders that git ignores are left out')
            [CompletionResult]::new('--recursive', '--recursive', [CompletionResultType]::ParameterName, 'Take every encrypted file below the folders; folders that git ignores are left out')
            [CompletionResult]::new('-i', '-i', [CompletionResultType]::ParameterName, 'Replace each file, which is done anyway; for those who know this from SOPS')
            [CompletionResult]::new('--in-place', '--in-place', [CompletionResultType]::ParameterName, 'Replace each file, which is done anyway; for those who know this from SOPS')
            [CompletionResult]::new('--skip-locked', '--skip-locked', [CompletionResultType]::ParameterName, 'Leave out files that no identity of yours opens')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Do not ask whether a key that stands in a file of SOPS, and in no rule, may read it on')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Do not ask whether a key that stands in a file of SOPS, and in no rule, may read it on')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'sops-rs;updatekeys' {
            [CompletionResult]::new('--input-type', '--input-type', [CompletionResultType]::ParameterName, 'The format of the files, where their names do not tell')
            [CompletionResult]::new('--jobs', '--jobs', [CompletionResultType]::ParameterName, 'How many files are worked on at a time; as many as there are processors if not given')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The config file, instead of the nearest `.sops-rs.yaml` above each file')
            [CompletionResult]::new('--identity', '--identity', [CompletionResultType]::ParameterName, 'An identity file; looked at before all others')
            [CompletionResult]::new('-r', '-r', [CompletionResultType]::ParameterName, 'Take every encrypted file below the folders; folders that git ignores are left out')
            [CompletionResult]::new('--recursive', '--recursive', [CompletionResultType]::ParameterName, 'Take every encrypted file below the folders; folders that git ignores are left out')
            [CompletionResult]::new('--check', '--check', [CompletionResultType]::ParameterName, 'Only tell how the files differ from their rules, and end with 1 if one does; needs no identity')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Do not ask')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Do not ask')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'sops-rs;convert' {
            [CompletionResult]::new('--to', '--to', [CompletionResultType]::ParameterName, 'What the files are to be')
            [CompletionResult]::new('--input-type', '--input-type', [CompletionResultType]::ParameterName, 'The format of the files, where their names do not tell')
            [CompletionResult]::new('--jobs', '--jobs', [CompletionResultType]::ParameterName, 'How many files are worked on at a time; as many as there are processors if not given')
            [CompletionResult]::new('--identity', '--identity', [CompletionResultType]::ParameterName, 'An identity file; looked at before all others')
            [CompletionResult]::new('-r', '-r', [CompletionResultType]::ParameterName, 'Take every encrypted file below the folders; folders that git ignores are left out')
            [CompletionResult]::new('--recursive', '--recursive', [CompletionResultType]::ParameterName, 'Take every encrypted file below the folders; folders that git ignores are left out')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Do not ask, where readers are new, lost, or named by nothing but the metadata of SOPS, which nobody has signed')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Do not ask, where readers are new, lost, or named by nothing but the metadata of SOPS, which nobody has signed')
            [CompletionResult]::new('--encrypt-more', '--encrypt-more', [CompletionResultType]::ParameterName, 'Also encrypt values and comments that are clear so far')
            [CompletionResult]::new('--allow-respelling', '--allow-respelling', [CompletionResultType]::ParameterName, 'Go on where SOPS gives back an equal value in another spelling (`1.0` as `1`, dates, block scalars), or another layout')
            [CompletionResult]::new('--skip-locked', '--skip-locked', [CompletionResultType]::ParameterName, 'Leave out files that no identity of yours opens')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Overwrite a config file in the wanted language')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Only tell what would be done; translated configs are printed')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'sops-rs;filestatus' {
            [CompletionResult]::new('--input-type', '--input-type', [CompletionResultType]::ParameterName, 'The format of the input, where its name does not tell; files of other names are binary')
            [CompletionResult]::new('--filename-override', '--filename-override', [CompletionResultType]::ParameterName, 'Take format and rule from this name instead of the file''s own')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'sops-rs;diff' {
            [CompletionResult]::new('--identity', '--identity', [CompletionResultType]::ParameterName, 'An identity file; looked at before all others')
            [CompletionResult]::new('--staged', '--staged', [CompletionResultType]::ParameterName, 'Compare what is staged with the last commit, or with the given one (git''s `--cached`, too)')
            [CompletionResult]::new('--no-index', '--no-index', [CompletionResultType]::ParameterName, 'Compare two files, of a repository or not')
            [CompletionResult]::new('--show', '--show', [CompletionResultType]::ParameterName, 'Decrypt both versions and show values; needs a key')
            [CompletionResult]::new('--mask', '--mask', [CompletionResultType]::ParameterName, 'Decrypt both versions and tell which values really changed, without showing them; needs a key')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Show also what only was written anew')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Show also what only was written anew')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('--markdown', '--markdown', [CompletionResultType]::ParameterName, 'Print Markdown, for a comment in a pull request')
            [CompletionResult]::new('--stat', '--stat', [CompletionResultType]::ParameterName, 'Print one line for each file')
            [CompletionResult]::new('--name-only', '--name-only', [CompletionResultType]::ParameterName, 'Print the names of the files only')
            [CompletionResult]::new('--exit-code', '--exit-code', [CompletionResultType]::ParameterName, 'End with 1 when there are differences')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'sops-rs;keygen' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Write to this file; `-` is standard output')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Write to this file; `-` is standard output')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'sops-rs;explain' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The config file, instead of the nearest `.sops-rs.yaml` above the file')
            [CompletionResult]::new('--input-type', '--input-type', [CompletionResultType]::ParameterName, 'The format of the input, where its name does not tell; files of other names are binary')
            [CompletionResult]::new('--filename-override', '--filename-override', [CompletionResultType]::ParameterName, 'Take format and rule from this name instead of the file''s own')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Name every value, and whether it is encrypted')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Name every value, and whether it is encrypted')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'sops-rs;check' {
            [CompletionResult]::new('--against', '--against', [CompletionResultType]::ParameterName, 'Check what differs in the work tree from where it left this revision, as `origin/main`: for CI')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How to print what was found')
            [CompletionResult]::new('--allow', '--allow', [CompletionResultType]::ParameterName, 'Let what this rule finds pass; may be repeated')
            [CompletionResult]::new('--identity', '--identity', [CompletionResultType]::ParameterName, 'An identity file; looked at before all others')
            [CompletionResult]::new('--jobs', '--jobs', [CompletionResultType]::ParameterName, 'How many files are worked on at a time; as many as there are processors if not given')
            [CompletionResult]::new('--staged', '--staged', [CompletionResultType]::ParameterName, 'Check what is staged, as it is staged: for a pre-commit hook')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON, as --format json does')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Let warnings fail, too')
            [CompletionResult]::new('--no-history', '--no-history', [CompletionResultType]::ParameterName, 'Do not look at earlier states of the files')
            [CompletionResult]::new('--no-key', '--no-key', [CompletionResultType]::ParameterName, 'Use no identity: nothing is verified that needs one')
            [CompletionResult]::new('--leaks', '--leaks', [CompletionResultType]::ParameterName, 'Look also for the values of encrypted files in the files that are checked, in clear, in base64 or as programs spell them')
            [CompletionResult]::new('--history', '--history', [CompletionResultType]::ParameterName, 'Look for them in everything that a branch or tag leads to: files, their names, commits and tags')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'sops-rs;doctor' {
            [CompletionResult]::new('--identity', '--identity', [CompletionResultType]::ParameterName, 'An identity file; looked at before all others')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'sops-rs;who' {
            [CompletionResult]::new('-r', '-r', [CompletionResultType]::ParameterName, 'Print the files that this reader reads: a name, or a recipient (`age1…`)')
            [CompletionResult]::new('--recipient', '--recipient', [CompletionResultType]::ParameterName, 'Print the files that this reader reads: a name, or a recipient (`age1…`)')
            [CompletionResult]::new('--input-type', '--input-type', [CompletionResultType]::ParameterName, 'The format of the input, where its name does not tell; files of other names are binary')
            [CompletionResult]::new('--filename-override', '--filename-override', [CompletionResultType]::ParameterName, 'Take format and rule from this name instead of the file''s own')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'sops-rs;keys' {
            [CompletionResult]::new('--identity', '--identity', [CompletionResultType]::ParameterName, 'An identity file; looked at before all others')
            [CompletionResult]::new('--unlock', '--unlock', [CompletionResultType]::ParameterName, 'Run commands that print keys, and ask for the passphrases of identity files')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'sops-rs;log' {
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Tell of so many commits at most')
            [CompletionResult]::new('--max-count', '--max-count', [CompletionResultType]::ParameterName, 'Tell of so many commits at most')
            [CompletionResult]::new('-b', '-b', [CompletionResultType]::ParameterName, 'Tell of each value which commit changed it last')
            [CompletionResult]::new('--blame', '--blame', [CompletionResultType]::ParameterName, 'Tell of each value which commit changed it last')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print JSON')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'sops-rs;git' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('install', 'install', [CompletionResultType]::ParameterValue, 'Set a repository up: encrypted files have readable diffs, merge, and are checked before each commit and merge')
            [CompletionResult]::new('uninstall', 'uninstall', [CompletionResultType]::ParameterValue, 'Take away what `git install` added, and nothing else')
            [CompletionResult]::new('textconv', 'textconv', [CompletionResultType]::ParameterValue, 'Print a file as `git diff` shows it; git runs this')
            [CompletionResult]::new('merge', 'merge', [CompletionResultType]::ParameterValue, 'Merge three versions of a file; git runs this')
            [CompletionResult]::new('resolve', 'resolve', [CompletionResultType]::ParameterValue, 'Resolve the conflicts of encrypted files')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'sops-rs;git;install' {
            [CompletionResult]::new('--global', '--global', [CompletionResultType]::ParameterName, 'Add the drivers to your own git config, for all repositories whose `.gitattributes` name them, and nothing else')
            [CompletionResult]::new('--no-attributes', '--no-attributes', [CompletionResultType]::ParameterName, 'Leave `.gitattributes` alone')
            [CompletionResult]::new('--no-hook', '--no-hook', [CompletionResultType]::ParameterName, 'Leave the hooks alone')
            [CompletionResult]::new('--show', '--show', [CompletionResultType]::ParameterName, 'Let diffs show secrets, where you have a key; without this they show marks, which tell what changed')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Say what would be done, and do nothing')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Say what would be done, and do nothing')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'sops-rs;git;uninstall' {
            [CompletionResult]::new('--global', '--global', [CompletionResultType]::ParameterName, 'Take the drivers out of your own git config, and nothing else')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Say what would be done, and do nothing')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Say what would be done, and do nothing')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'sops-rs;git;textconv' {
            [CompletionResult]::new('--show', '--show', [CompletionResultType]::ParameterName, 'Show the plaintext where a key is at hand')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'sops-rs;git;merge' {
            [CompletionResult]::new('--marker-size', '--marker-size', [CompletionResultType]::ParameterName, 'The length of conflict markers (%L)')
            [CompletionResult]::new('--path', '--path', [CompletionResultType]::ParameterName, 'The name of the file in the repository, which tells its format and its rule (%P)')
            [CompletionResult]::new('--label-base', '--label-base', [CompletionResultType]::ParameterName, 'The name of the base in conflict markers (%S)')
            [CompletionResult]::new('--label-ours', '--label-ours', [CompletionResultType]::ParameterName, 'The name of our version (%X)')
            [CompletionResult]::new('--label-theirs', '--label-theirs', [CompletionResultType]::ParameterName, 'The name of their version (%Y)')
            [CompletionResult]::new('--identity', '--identity', [CompletionResultType]::ParameterName, 'An identity file; looked at before all others')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'sops-rs;git;resolve' {
            [CompletionResult]::new('--with', '--with', [CompletionResultType]::ParameterName, 'Let a program edit instead, without asking anything; `{}` is the path of the plaintext')
            [CompletionResult]::new('--input-type', '--input-type', [CompletionResultType]::ParameterName, 'The format of the files, where their names do not tell')
            [CompletionResult]::new('--identity', '--identity', [CompletionResultType]::ParameterName, 'An identity file; looked at before all others')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'Take all encrypted files of the repository that wait to be merged')
            [CompletionResult]::new('--ours', '--ours', [CompletionResultType]::ParameterName, 'Where both sides differ, take ours, without an editor')
            [CompletionResult]::new('--theirs', '--theirs', [CompletionResultType]::ParameterName, 'Where both sides differ, take theirs, without an editor')
            [CompletionResult]::new('--union', '--union', [CompletionResultType]::ParameterName, 'Where both sides differ, take the lines of both, without an editor')
            [CompletionResult]::new('--add', '--add', [CompletionResultType]::ParameterName, 'Stage what is resolved, as `git add` does')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Ask nothing where nothing vouches for a version, for a reader, or for what was merged by hand')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Ask nothing where nothing vouches for a version, for a reader, or for what was merged by hand')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'sops-rs;git;help' {
            [CompletionResult]::new('install', 'install', [CompletionResultType]::ParameterValue, 'Set a repository up: encrypted files have readable diffs, merge, and are checked before each commit and merge')
            [CompletionResult]::new('uninstall', 'uninstall', [CompletionResultType]::ParameterValue, 'Take away what `git install` added, and nothing else')
            [CompletionResult]::new('textconv', 'textconv', [CompletionResultType]::ParameterValue, 'Print a file as `git diff` shows it; git runs this')
            [CompletionResult]::new('merge', 'merge', [CompletionResultType]::ParameterValue, 'Merge three versions of a file; git runs this')
            [CompletionResult]::new('resolve', 'resolve', [CompletionResultType]::ParameterValue, 'Resolve the conflicts of encrypted files')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'sops-rs;git;help;install' {
            break
        }
        'sops-rs;git;help;uninstall' {
            break
        }
        'sops-rs;git;help;textconv' {
            break
        }
        'sops-rs;git;help;merge' {
            break
        }
        'sops-rs;git;help;resolve' {
            break
        }
        'sops-rs;git;help;help' {
            break
        }
        'sops-rs;hook' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('pre-commit', 'pre-commit', [CompletionResultType]::ParameterValue, 'Check what is about to be committed; git runs this')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'sops-rs;hook;pre-commit' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'sops-rs;hook;help' {
            [CompletionResult]::new('pre-commit', 'pre-commit', [CompletionResultType]::ParameterValue, 'Check what is about to be committed; git runs this')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'sops-rs;hook;help;pre-commit' {
            break
        }
        'sops-rs;hook;help;help' {
            break
        }
        'sops-rs;demo' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'sops-rs;install-as-sops' {
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Replace another program that is there under this name')
            [CompletionResult]::new('--remove', '--remove', [CompletionResultType]::ParameterName, 'Take the link away again')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'sops-rs;completion' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'sops-rs;help' {
            [CompletionResult]::new('init', 'init', [CompletionResultType]::ParameterValue, 'Make an identity, a `.sops-rs.yaml`, set git up, and say what comes next')
            [CompletionResult]::new('encrypt', 'encrypt', [CompletionResultType]::ParameterValue, 'Encrypt the values of files')
            [CompletionResult]::new('decrypt', 'decrypt', [CompletionResultType]::ParameterValue, 'Decrypt files')
            [CompletionResult]::new('edit', 'edit', [CompletionResultType]::ParameterValue, 'Edit a file in your editor, decrypted')
            [CompletionResult]::new('get', 'get', [CompletionResultType]::ParameterValue, 'Print values of an encrypted file')
            [CompletionResult]::new('set', 'set', [CompletionResultType]::ParameterValue, 'Set one value of an encrypted file')
            [CompletionResult]::new('unset', 'unset', [CompletionResultType]::ParameterValue, 'Take one value, map or list out of an encrypted file')
            [CompletionResult]::new('exec-env', 'exec-env', [CompletionResultType]::ParameterValue, 'Run a program with the decrypted values in its environment')
            [CompletionResult]::new('exec-file', 'exec-file', [CompletionResultType]::ParameterValue, 'Run a program with the decrypted file')
            [CompletionResult]::new('rotate', 'rotate', [CompletionResultType]::ParameterValue, 'Give files a new data key and encrypt every value anew')
            [CompletionResult]::new('updatekeys', 'updatekeys', [CompletionResultType]::ParameterValue, 'Give files the readers and the policy that their rules say')
            [CompletionResult]::new('convert', 'convert', [CompletionResultType]::ParameterValue, 'Change encrypted files into files of SOPS, or files of SOPS into native ones')
            [CompletionResult]::new('filestatus', 'filestatus', [CompletionResultType]::ParameterValue, 'Tell whether a file is encrypted, as JSON')
            [CompletionResult]::new('diff', 'diff', [CompletionResultType]::ParameterValue, 'Show what changed in encrypted files: values, readers, policy')
            [CompletionResult]::new('keygen', 'keygen', [CompletionResultType]::ParameterValue, 'Make an identity: a secret key, and the recipient to give to others')
            [CompletionResult]::new('explain', 'explain', [CompletionResultType]::ParameterValue, 'Explain which rule applies to a file, why, and what it makes of it')
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'Check that what is to be secret is encrypted, and that nobody without a key has tampered with it')
            [CompletionResult]::new('doctor', 'doctor', [CompletionResultType]::ParameterValue, 'Check that everything is in order here, and tell what to do where it is not')
            [CompletionResult]::new('who', 'who', [CompletionResultType]::ParameterValue, 'Tell who can read files, or one value')
            [CompletionResult]::new('keys', 'keys', [CompletionResultType]::ParameterValue, 'List your identities: where they are, and their recipients')
            [CompletionResult]::new('log', 'log', [CompletionResultType]::ParameterValue, 'Tell who changed which value when')
            [CompletionResult]::new('git', 'git', [CompletionResultType]::ParameterValue, 'Work with git: drivers for diffs and merges, and hooks')
            [CompletionResult]::new('hook', 'hook', [CompletionResultType]::ParameterValue, 'Be a hook of git')
            [CompletionResult]::new('demo', 'demo', [CompletionResultType]::ParameterValue, 'Show it all in a throw-away git repository')
            [CompletionResult]::new('install-as-sops', 'install-as-sops', [CompletionResultType]::ParameterValue, 'Make this program answer to the name `sops`')
            [CompletionResult]::new('completion', 'completion', [CompletionResultType]::ParameterValue, 'Print a completion script')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'sops-rs;help;init' {
            break
        }
        'sops-rs;help;encrypt' {
            break
        }
        'sops-rs;help;decrypt' {
            break
        }
        'sops-rs;help;edit' {
            break
        }
        'sops-rs;help;get' {
            break
        }
        'sops-rs;help;set' {
            break
        }
        'sops-rs;help;unset' {
            break
        }
        'sops-rs;help;exec-env' {
            break
        }
        'sops-rs;help;exec-file' {
            break
        }
        'sops-rs;help;rotate' {
            break
        }
        'sops-rs;help;updatekeys' {
            break
        }
        'sops-rs;help;convert' {
            break
        }
        'sops-rs;help;filestatus' {
            break
        }
        'sops-rs;help;diff' {
            break
        }
        'sops-rs;help;keygen' {
            break
        }
        'sops-rs;help;explain' {
            break
        }
        'sops-rs;help;check' {
            break
        }
        'sops-rs;help;doctor' {
            break
        }
        'sops-rs;help;who' {
            break
        }
        'sops-rs;help;keys' {
            break
        }
        'sops-rs;help;log' {
            break
        }
        'sops-rs;help;git' {
            [CompletionResult]::new('install', 'install', [CompletionResultType]::ParameterValue, 'Set a repository up: encrypted files have readable diffs, merge, and are checked before each commit and merge')
            [CompletionResult]::new('uninstall', 'uninstall', [CompletionResultType]::ParameterValue, 'Take away what `git install` added, and nothing else')
            [CompletionResult]::new('textconv', 'textconv', [CompletionResultType]::ParameterValue, 'Print a file as `git diff` shows it; git runs this')
            [CompletionResult]::new('merge', 'merge', [CompletionResultType]::ParameterValue, 'Merge three versions of a file; git runs this')
            [CompletionResult]::new('resolve', 'resolve', [CompletionResultType]::ParameterValue, 'Resolve the conflicts of encrypted files')
            break
        }
        'sops-rs;help;git;install' {
            break
        }
        'sops-rs;help;git;uninstall' {
            break
        }
        'sops-rs;help;git;textconv' {
            break
        }
        'sops-rs;help;git;merge' {
            break
        }
        'sops-rs;help;git;resolve' {
            break
        }
        'sops-rs;help;hook' {
            [CompletionResult]::new('pre-commit', 'pre-commit', [CompletionResultType]::ParameterValue, 'Check what is about to be committed; git runs this')
            break
        }
        'sops-rs;help;hook;pre-commit' {
            break
        }
        'sops-rs;help;demo' {
            break
        }
        'sops-rs;help;install-as-sops' {
            break
        }
        'sops-rs;help;completion' {
            break
        }
        'sops-rs;help;help' {
            break
        }
    })

    $completions.Where{ $_.CompletionText -like "$wordToComplete*" } |
        Sort-Object -Property ListItemText
}
