from __future__ import annotations

import pytest

from weavclip.assets import labels as shipped
from weavclip.domain.errors import SettingsError
from weavclip.domain.labels import Label, LabelSet
from weavclip.organise import label_file

ONE = '[[label]]\nname = "chart"\nprompts = ["a chart"]\n'


def test_the_set_that_ships_is_whole() -> None:
    found = label_file.read(shipped.text(), where="labels.toml")

    names = [label.name for label in found.labels]
    assert len(names) == len(set(names)) > 15
    assert all(label.group and label.colour for label in found.labels)
    assert all(label.prompts or label.texts for label in found.labels)
    assert {label.group for label in found.labels if label.prompts} == found.others.keys()
    assert {label.group for label in found.labels if label.texts} == found.other_texts.keys()


def test_texts_with_known_labels_are_of_the_set_that_ships() -> None:
    found = label_file.read(shipped.text(), where="labels.toml")

    known = shipped.known_texts()

    assert len({text for text, _ in known}) == len(known) > 100
    named = {label for _, label in known} - {""}
    assert named == {label.name for label in found.labels if label.texts}


def test_a_label_is_read_with_all_that_it_says() -> None:
    text = (
        ONE + 'group = "kind"\ntexts = ["numbers"]\nthreshold = 0.7\ncolour = "#ABCDEF"\n'
        '[others]\nkind = ["x"]\n[other_texts]\nkind = ["y"]\n[templates]\nkind = ["on {label}"]\n'
    )

    found = label_file.read(text, where="it")

    assert found == LabelSet(
        labels=(
            Label(
                name="chart",
                group="kind",
                prompts=("a chart",),
                texts=("numbers",),
                threshold=0.7,
                colour="#abcdef",
            ),
        ),
        others={"kind": ("x",)},
        other_texts={"kind": ("y",)},
        templates={"kind": ("on {label}",)},
    )


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ('promps = ["a"]', "no 'promps'"),
        ("threshold = 1.5", "got 1.5"),
        ('threshold = "high"', "threshold must be a number"),
        ('colour = "red"', 'colour must be like "#3584e4"'),
        ('prompts = "a chart"', "prompts must be"),
        ("prompts = [1]", "prompts must be"),
        ("group = 3", "group must be a word"),
        ('enabled = "no"', "enabled must be"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(wrong: str, said: str) -> None:
    text = f'{ONE}\n[[label]]\nname = "other"\n{wrong}\n'

    with pytest.raises(SettingsError, match=r"^my labels\.toml, line 5: ") as caught:
        label_file.read(text, where="my labels.toml")

    assert said in str(caught.value)


@pytest.mark.parametrize("text", ["[[label]\n", "label = 3", "other = 1", "others = 3", 'a = "'])
def test_a_broken_file_is_refused_by_name(text: str) -> None:
    with pytest.raises(SettingsError, match=r"my labels\.toml"):
        label_file.read(text, where="my labels.toml")


@pytest.mark.parametrize("name", ["", "-x", "+x", "a,b", "a\nb", " a", "x" * 65])
def test_a_name_that_cannot_be_typed_is_refused(name: str) -> None:
    with pytest.raises(SettingsError):
        label_file.named([name])


def test_ones_own_labels_replace_add_and_take_away() -> None:
    ours = label_file.read(ONE + '[[label]]\nname = "map"\n', where="ours")
    own = label_file.read(
        '[[label]]\nname = "chart"\nthreshold = 0.9\n[[label]]\nname = "map"\nenabled = false\n'
        '[[label]]\nname = "mine"\n',
        where="own",
    )

    found = label_file.over(ours, own)

    assert [(label.name, label.threshold) for label in found.labels] == [
        ("chart", 0.9),
        ("mine", 0.5),
    ]
    assert found.unwanted == {"map"}
