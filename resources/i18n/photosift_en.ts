<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en" sourcelanguage="en">
<context>
    <name>AlbumDesk</name>
    <message numerus="yes">
        <source>%Ln photo(s) added to “%1”</source>
        <translation>
            <numerusform>%Ln photo added to “%1”</numerusform>
            <numerusform>%Ln photos added to “%1”</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln photo(s) moved in “%1”</source>
        <translation>
            <numerusform>%Ln photo moved in “%1”</numerusform>
            <numerusform>%Ln photos moved in “%1”</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln photo(s) taken out of “%1”</source>
        <translation>
            <numerusform>%Ln photo taken out of “%1”</numerusform>
            <numerusform>%Ln photos taken out of “%1”</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>AnswerBar</name>
    <message numerus="yes">
        <source>Reject %Ln photo(s)</source>
        <translation>
            <numerusform>Reject %Ln photo</numerusform>
            <numerusform>Reject %Ln photos</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Accept %Ln photo(s)</source>
        <translation>
            <numerusform>Accept %Ln photo</numerusform>
            <numerusform>Accept %Ln photos</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Accept all %Ln</source>
        <translation>
            <numerusform>Accept %Ln</numerusform>
            <numerusform>Accept all %Ln</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Accept the %Ln above the cut</source>
        <translation>
            <numerusform>Accept the %Ln above the cut</numerusform>
            <numerusform>Accept the %Ln above the cut</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>CategoryEditor</name>
    <message numerus="yes">
        <source>Forget %Ln answer(s)</source>
        <translation>
            <numerusform>Forget %Ln answer</numerusform>
            <numerusform>Forget %Ln answers</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Review %Ln suggestion(s)</source>
        <translation>
            <numerusform>Review %Ln suggestion</numerusform>
            <numerusform>Review %Ln suggestions</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Show its %Ln photo(s)</source>
        <translation>
            <numerusform>Show its %Ln photo</numerusform>
            <numerusform>Show its %Ln photos</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>CategoryTree</name>
    <message numerus="yes">
        <source>%Ln photo(s) at its cut</source>
        <translation>
            <numerusform>%Ln photo at its cut</numerusform>
            <numerusform>%Ln photos at its cut</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>CompareDialog</name>
    <message numerus="yes">
        <source>Both find the same %n photo(s).</source>
        <translation>
            <numerusform>Both find the same %n photo.</numerusform>
            <numerusform>Both find the same %n photos.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 of the first %n photo(s) are in both; the others are marked.</source>
        <translation>
            <numerusform>%1 of the first %n photo is in both; the others are marked.</numerusform>
            <numerusform>%1 of the first %n photos are in both; the others are marked.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>ComparePage</name>
    <message numerus="yes">
        <source>%Ln photo(s) compared</source>
        <translation>
            <numerusform>%Ln photo compared</numerusform>
            <numerusform>%Ln photos compared</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>CrashDialog</name>
    <message numerus="yes">
        <source>%Ln more of the kind followed; see the log.</source>
        <translation>
            <numerusform>%Ln more of the kind followed; see the log.</numerusform>
            <numerusform>%Ln more of the kind followed; see the log.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>CutPanel</name>
    <message numerus="yes">
        <source>%Ln photo(s) at this cut</source>
        <translation>
            <numerusform>%Ln photo at this cut</numerusform>
            <numerusform>%Ln photos at this cut</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>DetectDesk</name>
    <message numerus="yes">
        <source>%Ln selected photo(s)</source>
        <translation>
            <numerusform>%Ln selected photo</numerusform>
            <numerusform>%Ln selected photos</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>The best %Ln of “%1”</source>
        <translation>
            <numerusform>The best %Ln of “%1”</numerusform>
            <numerusform>The best %Ln of “%1”</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln match(es) of “%1”</source>
        <translation>
            <numerusform>%Ln match of “%1”</numerusform>
            <numerusform>%Ln matches of “%1”</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>All %Ln of “%1”</source>
        <translation>
            <numerusform>All %Ln of “%1”</numerusform>
            <numerusform>All %Ln of “%1”</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln similar photo(s)</source>
        <translation>
            <numerusform>%Ln similar photo</numerusform>
            <numerusform>%Ln similar photos</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln photo(s) in “%1”</source>
        <translation>
            <numerusform>%Ln photo in “%1”</numerusform>
            <numerusform>%Ln photos in “%1”</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln photo(s) in this folder</source>
        <translation>
            <numerusform>%Ln photo in this folder</numerusform>
            <numerusform>%Ln photos in this folder</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>All %Ln photo(s)</source>
        <translation>
            <numerusform>%Ln photo</numerusform>
            <numerusform>All %Ln photos</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Tag %Ln photo(s) “%1”</source>
        <translation>
            <numerusform>Tag %Ln photo “%1”</numerusform>
            <numerusform>Tag %Ln photos “%1”</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>DetectWork</name>
    <message numerus="yes">
        <source>%Ln box(es) kept</source>
        <translation>
            <numerusform>%Ln box kept</numerusform>
            <numerusform>%Ln boxes kept</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln box(es) deleted</source>
        <translation>
            <numerusform>%Ln box deleted</numerusform>
            <numerusform>%Ln boxes deleted</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>DetectionSection</name>
    <message numerus="yes">
        <source>%Ln thing(s)</source>
        <translation>
            <numerusform>%Ln thing</numerusform>
            <numerusform>%Ln things</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln more</source>
        <translation>
            <numerusform>%Ln more</numerusform>
            <numerusform>%Ln more</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Show %Ln more thing(s)</source>
        <translation>
            <numerusform>Show %Ln more thing</numerusform>
            <numerusform>Show %Ln more things</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Divider</name>
    <message numerus="yes">
        <source>%Ln match(es)</source>
        <translation>
            <numerusform>%Ln match</numerusform>
            <numerusform>%Ln matches</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>DuplicateWords</name>
    <message numerus="yes">
        <source>%Ln group(s)</source>
        <translation>
            <numerusform>%Ln group</numerusform>
            <numerusform>%Ln groups</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln photo(s)</source>
        <translation>
            <numerusform>%Ln photo</numerusform>
            <numerusform>%Ln photos</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln photo(s) marked</source>
        <translation>
            <numerusform>%Ln photo marked</numerusform>
            <numerusform>%Ln photos marked</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>in %Ln group(s)</source>
        <translation>
            <numerusform>in %Ln group</numerusform>
            <numerusform>in %Ln groups</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Move %Ln photo(s) to trash</source>
        <translation>
            <numerusform>Move %Ln photo to trash</numerusform>
            <numerusform>Move %Ln photos to trash</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln photo(s) are in quarantine</source>
        <translation>
            <numerusform>%Ln photo is in quarantine</numerusform>
            <numerusform>%Ln photos are in quarantine</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln photo(s) are in the trash</source>
        <translation>
            <numerusform>%Ln photo is in the trash</numerusform>
            <numerusform>%Ln photos are in the trash</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln photo(s) are back in their place</source>
        <translation>
            <numerusform>%Ln photo is back in its place</numerusform>
            <numerusform>%Ln photos are back in their places</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln photo(s) left alone</source>
        <translation>
            <numerusform>%Ln photo left alone</numerusform>
            <numerusform>%Ln photos left alone</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln photo(s) are no duplicates</source>
        <translation>
            <numerusform>%Ln photo is no duplicate</numerusform>
            <numerusform>%Ln photos are no duplicates</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln new photo(s) were in the library already</source>
        <translation>
            <numerusform>%Ln new photo was in the library already</numerusform>
            <numerusform>%Ln new photos were in the library already</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln photo(s), brought back</source>
        <translation>
            <numerusform>%Ln photo, brought back</numerusform>
            <numerusform>%Ln photos, brought back</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln photo(s) moved to trash</source>
        <translation>
            <numerusform>%Ln photo moved to trash</numerusform>
            <numerusform>%Ln photos moved to trash</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>DuplicatesPage</name>
    <message numerus="yes">
        <source>%Ln group(s) of duplicates found</source>
        <translation>
            <numerusform>%Ln group of duplicates found</numerusform>
            <numerusform>%Ln groups of duplicates found</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Engines</name>
    <message numerus="yes">
        <source>%n other(s) tried</source>
        <translation>
            <numerusform>%n other tried</numerusform>
            <numerusform>%n others tried</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>ExportMenu</name>
    <message numerus="yes">
        <source>Write the boxes of %Ln photo(s) into sidecar files beside them?</source>
        <translation>
            <numerusform>Write the boxes of %Ln photo into a sidecar file beside it?</numerusform>
            <numerusform>Write the boxes of %Ln photos into sidecar files beside them?</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>FilingDesk</name>
    <message numerus="yes">
        <source>Copy %Ln photo(s) to</source>
        <translation>
            <numerusform>Copy %Ln photo to</numerusform>
            <numerusform>Copy %Ln photos to</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Move %Ln photo(s) to</source>
        <translation>
            <numerusform>Move %Ln photo to</numerusform>
            <numerusform>Move %Ln photos to</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Move %Ln photo(s)</source>
        <translation>
            <numerusform>Move %Ln photo</numerusform>
            <numerusform>Move %Ln photos</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln photo(s)</source>
        <translation>
            <numerusform>%Ln photo</numerusform>
            <numerusform>%Ln photos</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>FilingWords</name>
    <message numerus="yes">
        <source>Move %Ln photo(s) to the trash</source>
        <translation>
            <numerusform>Move %Ln photo to the trash</numerusform>
            <numerusform>Move %Ln photos to the trash</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Rename %Ln photo(s)…</source>
        <translation>
            <numerusform>Rename %Ln photo…</numerusform>
            <numerusform>Rename %Ln photos…</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>, with %Ln file(s) that belong to them</source>
        <translation>
            <numerusform>, with %Ln file that belongs to them</numerusform>
            <numerusform>, with %Ln files that belong to them</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln photo(s) stayed as they were</source>
        <translation>
            <numerusform>%Ln photo stayed as it was</numerusform>
            <numerusform>%Ln photos stayed as they were</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln photo(s) put back</source>
        <translation>
            <numerusform>%Ln photo put back</numerusform>
            <numerusform>%Ln photos put back</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln photo(s) moved to “%1”</source>
        <translation>
            <numerusform>%Ln photo moved to “%1”</numerusform>
            <numerusform>%Ln photos moved to “%1”</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln photo(s) copied to “%1”</source>
        <translation>
            <numerusform>%Ln photo copied to “%1”</numerusform>
            <numerusform>%Ln photos copied to “%1”</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln photo(s) renamed</source>
        <translation>
            <numerusform>%Ln photo renamed</numerusform>
            <numerusform>%Ln photos renamed</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln photo(s) moved to the trash</source>
        <translation>
            <numerusform>%Ln photo moved to the trash</numerusform>
            <numerusform>%Ln photos moved to the trash</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>FilingWork</name>
    <message numerus="yes">
        <source>%Ln photo(s) stayed as they were</source>
        <translation>
            <numerusform>%Ln photo stayed as it was</numerusform>
            <numerusform>%Ln photos stayed as they were</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>FolderTree</name>
    <message numerus="yes">
        <source>%1, %Ln group(s) waiting</source>
        <translation>
            <numerusform>%1, %Ln group waiting</numerusform>
            <numerusform>%1, %Ln groups waiting</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1, %Ln suggestion(s) waiting</source>
        <translation>
            <numerusform>%1, %Ln suggestion waiting</numerusform>
            <numerusform>%1, %Ln suggestions waiting</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1, %Ln photo(s)</source>
        <translation>
            <numerusform>%1, %Ln photo</numerusform>
            <numerusform>%1, %Ln photos</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Foot</name>
    <message numerus="yes">
        <source>Tags and facts go over to %Ln photo(s)</source>
        <translation>
            <numerusform>Tags and facts go over to %Ln photo</numerusform>
            <numerusform>Tags and facts go over to %Ln photos</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>GroupRows</name>
    <message numerus="yes">
        <source>%Ln marked for the trash</source>
        <translation>
            <numerusform>%Ln marked for the trash</numerusform>
            <numerusform>%Ln marked for the trash</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Inspector</name>
    <message numerus="yes">
        <source>%Ln exact copies</source>
        <translation>
            <numerusform>%Ln exact copy</numerusform>
            <numerusform>%Ln exact copies</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln star(s)</source>
        <translation>
            <numerusform>%Ln star</numerusform>
            <numerusform>%Ln stars</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>JobRow</name>
    <message numerus="yes">
        <source>%Ln file(s) could not be read; see Problems</source>
        <translation>
            <numerusform>%Ln file could not be read; see Problems</numerusform>
            <numerusform>%Ln files could not be read; see Problems</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Legend</name>
    <message numerus="yes">
        <source>%1, %Ln photo(s)</source>
        <translation>
            <numerusform>%1, %Ln photo</numerusform>
            <numerusform>%1, %Ln photos</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>ManyPage</name>
    <message numerus="yes">
        <source>%Ln photo(s)</source>
        <translation>
            <numerusform>%Ln photo</numerusform>
            <numerusform>%Ln photos</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>ManyTags</name>
    <message numerus="yes">
        <source>and %Ln more tag(s)</source>
        <translation>
            <numerusform>and %Ln more tag</numerusform>
            <numerusform>and %Ln more tags</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>ManyWords</name>
    <message numerus="yes">
        <source>%Ln folder(s)</source>
        <translation>
            <numerusform>%Ln folder</numerusform>
            <numerusform>%Ln folders</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln photo(s)</source>
        <translation>
            <numerusform>%Ln photo</numerusform>
            <numerusform>%Ln photos</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln without a date</source>
        <translation>
            <numerusform>%Ln without a date</numerusform>
            <numerusform>%Ln without a date</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>MarkActions</name>
    <message numerus="yes">
        <source>%Ln star(s)</source>
        <translation>
            <numerusform>%Ln star</numerusform>
            <numerusform>%Ln stars</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>MarkSection</name>
    <message numerus="yes">
        <source>%Ln star(s)</source>
        <translation>
            <numerusform>%Ln star</numerusform>
            <numerusform>%Ln stars</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>MarkWords</name>
    <message numerus="yes">
        <source>%Ln star(s)</source>
        <translation>
            <numerusform>%Ln star</numerusform>
            <numerusform>%Ln stars</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln photo(s) rated %1 of 5</source>
        <translation>
            <numerusform>%Ln photo rated %1 of 5</numerusform>
            <numerusform>%Ln photos rated %1 of 5</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Stars of %Ln photo(s) cleared</source>
        <translation>
            <numerusform>Stars of %Ln photo cleared</numerusform>
            <numerusform>Stars of %Ln photos cleared</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln photo(s) picked</source>
        <translation>
            <numerusform>%Ln photo picked</numerusform>
            <numerusform>%Ln photos picked</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln photo(s) rejected</source>
        <translation>
            <numerusform>%Ln photo rejected</numerusform>
            <numerusform>%Ln photos rejected</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Flags of %Ln photo(s) cleared</source>
        <translation>
            <numerusform>Flag of %Ln photo cleared</numerusform>
            <numerusform>Flags of %Ln photos cleared</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln photo(s) made favourites</source>
        <translation>
            <numerusform>%Ln photo made a favourite</numerusform>
            <numerusform>%Ln photos made favourites</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln photo(s) are no favourites any more</source>
        <translation>
            <numerusform>%Ln photo is no favourite any more</numerusform>
            <numerusform>%Ln photos are no favourites any more</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>MemberRows</name>
    <message numerus="yes">
        <source>+ %Ln file(s)</source>
        <translation>
            <numerusform>+ %Ln file</numerusform>
            <numerusform>+ %Ln files</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln star(s)</source>
        <translation>
            <numerusform>%Ln star</numerusform>
            <numerusform>%Ln stars</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>MisfiledTab</name>
    <message numerus="yes">
        <source>%Ln photo(s) look like those of another place</source>
        <translation>
            <numerusform>%Ln photo looks like those of another place</numerusform>
            <numerusform>%Ln photos look like those of another place</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>NameField</name>
    <message numerus="yes">
        <source>%Ln file(s) that belong to it are renamed too</source>
        <translation>
            <numerusform>%Ln file that belongs to it is renamed too</numerusform>
            <numerusform>%Ln files that belong to it are renamed too</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>PatternDialog</name>
    <message numerus="yes">
        <source>Rename %Ln photo(s)</source>
        <translation>
            <numerusform>Rename %Ln photo</numerusform>
            <numerusform>Rename %Ln photos</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln photo(s) keep their names</source>
        <translation>
            <numerusform>%Ln photo keeps its name</numerusform>
            <numerusform>%Ln photos keep their names</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Picker</name>
    <message numerus="yes">
        <source>%Ln photo(s)</source>
        <translation>
            <numerusform>%Ln photo</numerusform>
            <numerusform>%Ln photos</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Add %Ln categories</source>
        <translation>
            <numerusform>Add %Ln category</numerusform>
            <numerusform>Add %Ln categories</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln categories added</source>
        <translation>
            <numerusform>%Ln category added</numerusform>
            <numerusform>%Ln categories added</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>PlanPage</name>
    <message numerus="yes">
        <source>%Ln photo(s) selected</source>
        <translation>
            <numerusform>%Ln photo selected</numerusform>
            <numerusform>%Ln photos selected</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>PreviewTexts</name>
    <message numerus="yes">
        <source>%Ln stay(s)</source>
        <translation>
            <numerusform>%Ln stays</numerusform>
            <numerusform>%Ln stay</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>with %Ln companion file(s)</source>
        <translation>
            <numerusform>with %Ln companion file</numerusform>
            <numerusform>with %Ln companion files</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln conflict(s)</source>
        <translation>
            <numerusform>%Ln conflict</numerusform>
            <numerusform>%Ln conflicts</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>ProblemsPage</name>
    <message numerus="yes">
        <source>%Ln file(s) could not be read</source>
        <translation>
            <numerusform>%Ln file could not be read</numerusform>
            <numerusform>%Ln files could not be read</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln file(s) could be read only in part</source>
        <translation>
            <numerusform>%Ln file could be read only in part</numerusform>
            <numerusform>%Ln files could be read only in part</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln sidecar(s) could not be written</source>
        <translation>
            <numerusform>%Ln sidecar could not be written</numerusform>
            <numerusform>%Ln sidecars could not be written</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>PropertyRows</name>
    <message numerus="yes">
        <source>%Ln star(s)</source>
        <translation>
            <numerusform>%Ln star</numerusform>
            <numerusform>%Ln stars</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>ReportPage</name>
    <message numerus="yes">
        <source>%Ln file(s)</source>
        <translation>
            <numerusform>%Ln file</numerusform>
            <numerusform>%Ln files</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>It was stopped. %Ln photo(s) were not tried and lie where they were.</source>
        <translation>
            <numerusform>It was stopped. %Ln photo was not tried and lies where it was.</numerusform>
            <numerusform>It was stopped. %Ln photos were not tried and lie where they were.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln file(s) left where they are</source>
        <translation>
            <numerusform>%Ln file left where it is</numerusform>
            <numerusform>%Ln files left where they are</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>RunRow</name>
    <message numerus="yes">
        <source>%Ln tag(s)</source>
        <translation>
            <numerusform>%Ln tag</numerusform>
            <numerusform>%Ln tags</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln taken off</source>
        <translation>
            <numerusform>%Ln taken off</numerusform>
            <numerusform>%Ln taken off</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln still there</source>
        <translation>
            <numerusform>%Ln still there</numerusform>
            <numerusform>%Ln still there</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>RunWords</name>
    <message numerus="yes">
        <source>%Ln photo(s)</source>
        <translation>
            <numerusform>%Ln photo</numerusform>
            <numerusform>%Ln photos</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 of %Ln photo(s)</source>
        <translation>
            <numerusform>%1 of %Ln photo</numerusform>
            <numerusform>%1 of %Ln photos</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln box(es)</source>
        <translation>
            <numerusform>%Ln box</numerusform>
            <numerusform>%Ln boxes</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>RunWork</name>
    <message numerus="yes">
        <source>Boxes found on %Ln photo(s)</source>
        <translation>
            <numerusform>Boxes found on %Ln photo</numerusform>
            <numerusform>Boxes found on %Ln photos</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Nothing found on %Ln photo(s)</source>
        <translation>
            <numerusform>Nothing found on %Ln photo</numerusform>
            <numerusform>Nothing found on %Ln photos</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Boxes written beside %Ln photo(s)</source>
        <translation>
            <numerusform>Boxes written beside %Ln photo</numerusform>
            <numerusform>Boxes written beside %Ln photos</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Boxes of %Ln photo(s) exported</source>
        <translation>
            <numerusform>Boxes of %Ln photo exported</numerusform>
            <numerusform>Boxes of %Ln photos exported</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln left out</source>
        <translation>
            <numerusform>%Ln left out</numerusform>
            <numerusform>%Ln left out</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>SearchDesk</name>
    <message numerus="yes">
        <source>%n match(es)</source>
        <translation>
            <numerusform>%n match</numerusform>
            <numerusform>%n matches</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n weaker</source>
        <translation>
            <numerusform>%n weaker</numerusform>
            <numerusform>%n weaker</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>SetPage</name>
    <message numerus="yes">
        <source>%Ln photo(s)</source>
        <translation>
            <numerusform>%Ln photo</numerusform>
            <numerusform>%Ln photos</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln box(es)</source>
        <translation>
            <numerusform>%Ln box</numerusform>
            <numerusform>%Ln boxes</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>None of %Ln photo(s) could be read or reached.</source>
        <translation>
            <numerusform>%Ln photo could not be read or reached.</numerusform>
            <numerusform>None of %Ln photos could be read or reached.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>None of %Ln photo(s) shows this.</source>
        <translation>
            <numerusform>%Ln photo was looked at and does not show this.</numerusform>
            <numerusform>None of %Ln photos shows this.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>ShowStrip</name>
    <message numerus="yes">
        <source>%Ln s</source>
        <comment>seconds</comment>
        <translation>
            <numerusform>%Ln s</numerusform>
            <numerusform>%Ln s</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>SidePanel</name>
    <message numerus="yes">
        <source>%Ln thing(s)</source>
        <translation>
            <numerusform>%Ln thing</numerusform>
            <numerusform>%Ln things</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Keep %Ln box(es)</source>
        <translation>
            <numerusform>Keep %Ln box</numerusform>
            <numerusform>Keep %Ln boxes</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>SidebarTags</name>
    <message numerus="yes">
        <source>%Ln photo(s) get “%1” instead</source>
        <translation>
            <numerusform>%Ln photo gets “%1” instead</numerusform>
            <numerusform>%Ln photos get “%1” instead</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>; %Ln have it already</source>
        <translation>
            <numerusform>; %Ln has it already</numerusform>
            <numerusform>; %Ln have it already</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln photo(s) have “%1” already</source>
        <translation>
            <numerusform>%Ln photo has “%1” already</numerusform>
            <numerusform>%Ln photos have “%1” already</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Tag “%1” removed from %Ln photo(s)</source>
        <translation>
            <numerusform>Tag “%1” removed from %Ln photo</numerusform>
            <numerusform>Tag “%1” removed from %Ln photos</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Remove from %Ln photo(s)</source>
        <translation>
            <numerusform>Remove from %Ln photo</numerusform>
            <numerusform>Remove from %Ln photos</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>SidecarWork</name>
    <message numerus="yes">
        <source>%Ln sidecar(s) could not be written.</source>
        <translation>
            <numerusform>%Ln sidecar could not be written.</numerusform>
            <numerusform>%Ln sidecars could not be written.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>SidecarsPage</name>
    <message numerus="yes">
        <source>Begin with what I have said so far of %Ln photo(s)</source>
        <translation>
            <numerusform>Begin with what I have said so far of %Ln photo</numerusform>
            <numerusform>Begin with what I have said so far of %Ln photos</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln photo(s) are still to be written.</source>
        <translation>
            <numerusform>%Ln photo is still to be written.</numerusform>
            <numerusform>%Ln photos are still to be written.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>The sidecars of %Ln photo(s) are written.</source>
        <translation>
            <numerusform>The sidecar of %Ln photo is written.</numerusform>
            <numerusform>The sidecars of %Ln photos are written.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln sidecar(s) could not be written: see Problems.</source>
        <translation>
            <numerusform>%Ln sidecar could not be written: see Problems.</numerusform>
            <numerusform>%Ln sidecars could not be written: see Problems.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>SortWords</name>
    <message numerus="yes">
        <source>into %Ln album(s)</source>
        <translation>
            <numerusform>into %Ln album</numerusform>
            <numerusform>into %Ln albums</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>into %Ln folder(s)</source>
        <translation>
            <numerusform>into %Ln folder</numerusform>
            <numerusform>into %Ln folders</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln photo(s) %1</source>
        <translation>
            <numerusform>%Ln photo %1</numerusform>
            <numerusform>%Ln photos %1</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Put %Ln photo(s) %1</source>
        <translation>
            <numerusform>Put %Ln photo %1</numerusform>
            <numerusform>Put %Ln photos %1</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Copy %Ln photo(s) %1</source>
        <translation>
            <numerusform>Copy %Ln photo %1</numerusform>
            <numerusform>Copy %Ln photos %1</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Move %Ln photo(s) %1</source>
        <translation>
            <numerusform>Move %Ln photo %1</numerusform>
            <numerusform>Move %Ln photos %1</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Link %Ln photo(s) %1</source>
        <translation>
            <numerusform>Link %Ln photo %1</numerusform>
            <numerusform>Link %Ln photos %1</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln companion file(s)</source>
        <translation>
            <numerusform>%Ln companion file</numerusform>
            <numerusform>%Ln companion files</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln photo(s)</source>
        <translation>
            <numerusform>%Ln photo</numerusform>
            <numerusform>%Ln photos</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln photo(s) stay where they are</source>
        <translation>
            <numerusform>%Ln photo stays where it is</numerusform>
            <numerusform>%Ln photos stay where they are</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln photo(s) moved to “%1”</source>
        <translation>
            <numerusform>%Ln photo moved to “%1”</numerusform>
            <numerusform>%Ln photos moved to “%1”</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln photo(s) put %1</source>
        <translation>
            <numerusform>%Ln photo put %1</numerusform>
            <numerusform>%Ln photos put %1</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln photo(s) copied %1</source>
        <translation>
            <numerusform>%Ln photo copied %1</numerusform>
            <numerusform>%Ln photos copied %1</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln photo(s) moved %1</source>
        <translation>
            <numerusform>%Ln photo moved %1</numerusform>
            <numerusform>%Ln photos moved %1</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln photo(s) linked %1</source>
        <translation>
            <numerusform>%Ln photo linked %1</numerusform>
            <numerusform>%Ln photos linked %1</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln photo(s) taken back</source>
        <translation>
            <numerusform>%Ln photo taken back</numerusform>
            <numerusform>%Ln photos taken back</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln left where they are</source>
        <translation>
            <numerusform>%Ln left where it is</numerusform>
            <numerusform>%Ln left where they are</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln file(s) still there</source>
        <translation>
            <numerusform>%Ln file still there</numerusform>
            <numerusform>%Ln files still there</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln file(s)</source>
        <translation>
            <numerusform>%Ln file</numerusform>
            <numerusform>%Ln files</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln back</source>
        <translation>
            <numerusform>%Ln back</numerusform>
            <numerusform>%Ln back</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln not tried</source>
        <translation>
            <numerusform>%Ln not tried</numerusform>
            <numerusform>%Ln not tried</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln left out</source>
        <translation>
            <numerusform>%Ln left out</numerusform>
            <numerusform>%Ln left out</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>StatusBar</name>
    <message numerus="yes">
        <source>%Ln photo(s)</source>
        <translation>
            <numerusform>%Ln photo</numerusform>
            <numerusform>%Ln photos</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln selected</source>
        <translation>
            <numerusform>%Ln selected</numerusform>
            <numerusform>%Ln selected</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln not searchable yet</source>
        <translation>
            <numerusform>%Ln not searchable yet</numerusform>
            <numerusform>%Ln not searchable yet</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln offline</source>
        <translation>
            <numerusform>%Ln offline</numerusform>
            <numerusform>%Ln offline</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln more</source>
        <translation>
            <numerusform>%Ln more</numerusform>
            <numerusform>%Ln more</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>SuggestionsTab</name>
    <message numerus="yes">
        <source>%Ln accepted</source>
        <translation>
            <numerusform>%Ln accepted</numerusform>
            <numerusform>%Ln accepted</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln rejected</source>
        <translation>
            <numerusform>%Ln rejected</numerusform>
            <numerusform>%Ln rejected</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>TagPopup</name>
    <message numerus="yes">
        <source>Tag %Ln photo(s)</source>
        <translation>
            <numerusform>Tag %Ln photo</numerusform>
            <numerusform>Tag %Ln photos</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>TagWork</name>
    <message numerus="yes">
        <source>%Ln answer(s) taken back</source>
        <translation>
            <numerusform>%Ln answer taken back</numerusform>
            <numerusform>%Ln answers taken back</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln photo(s) accepted</source>
        <translation>
            <numerusform>%Ln photo accepted</numerusform>
            <numerusform>%Ln photos accepted</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln photo(s) rejected</source>
        <translation>
            <numerusform>%Ln photo rejected</numerusform>
            <numerusform>%Ln photos rejected</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln photo(s) tagged “%1”</source>
        <translation>
            <numerusform>%Ln photo tagged “%1”</numerusform>
            <numerusform>%Ln photos tagged “%1”</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>“%1” taken off %Ln photo(s)</source>
        <translation>
            <numerusform>“%1” taken off %Ln photo</numerusform>
            <numerusform>“%1” taken off %Ln photos</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln example(s) added to “%1”</source>
        <translation>
            <numerusform>%Ln example added to “%1”</numerusform>
            <numerusform>%Ln examples added to “%1”</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln tag(s) put on photos</source>
        <translation>
            <numerusform>%Ln tag put on a photo</numerusform>
            <numerusform>%Ln tags put on photos</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln suggestion(s) wait for you</source>
        <translation>
            <numerusform>%Ln suggestion waits for you</numerusform>
            <numerusform>%Ln suggestions wait for you</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln tag(s) taken back</source>
        <translation>
            <numerusform>%Ln tag taken back</numerusform>
            <numerusform>%Ln tags taken back</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>New photos: %Ln tag(s) put on them</source>
        <translation>
            <numerusform>New photos: %Ln tag put on them</numerusform>
            <numerusform>New photos: %Ln tags put on them</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>ThingList</name>
    <message numerus="yes">
        <source>%1, %Ln box(es)</source>
        <translation>
            <numerusform>%1, %Ln box</numerusform>
            <numerusform>%1, %Ln boxes</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>TrashPage</name>
    <message numerus="yes">
        <source>%Ln photo(s)</source>
        <translation>
            <numerusform>%Ln photo</numerusform>
            <numerusform>%Ln photos</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Put %Ln photo(s) back</source>
        <translation>
            <numerusform>Put %Ln photo back</numerusform>
            <numerusform>Put %Ln photos back</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>TrashTable</name>
    <message numerus="yes">
        <source>and %Ln more file(s)</source>
        <translation>
            <numerusform>and %Ln more file</numerusform>
            <numerusform>and %Ln more files</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>_Words</name>
    <message numerus="yes">
        <source>%n second(s) left</source>
        <translation>
            <numerusform>%n second left</numerusform>
            <numerusform>%n seconds left</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n minute(s) left</source>
        <translation>
            <numerusform>%n minute left</numerusform>
            <numerusform>%n minutes left</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n hour(s) left</source>
        <translation>
            <numerusform>%n hour left</numerusform>
            <numerusform>%n hours left</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n day(s) left</source>
        <translation>
            <numerusform>%n day left</numerusform>
            <numerusform>%n days left</numerusform>
        </translation>
    </message>
</context>
</TS>
