"""The pages of sheets in the admin: a look at what an import would do, the import, the export."""

import tablib
from django import forms
from django.contrib import messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_POST
from import_export.admin import ExportMixin, ImportMixin
from import_export.forms import ExportForm
from import_export.results import RowResult

from safety_site.models import SuggestedChange, WaitingImport
from safety_site.newsroom.rights import may
from safety_site.newsroom.sheet_files import FORMATS, MOST_BYTES, Sheet, WrongSheet, parse, read_sheet
from safety_site.newsroom.sheets import DIFFS_SHOWN, SheetResource, rows_without_columns

FAULTS_SHOWN = 200
LONGEST_NAME = WaitingImport._meta.get_field("file_name").max_length


class SheetForm(forms.Form):
    """One file; it is read while the form is checked."""

    import_file = forms.FileField(
        label="Your sheet",
        help_text=f"CSV, tab-separated text (.tsv) or JSON; {MOST_BYTES // 1024 // 1024} MB at most.",
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,.json"}),
        allow_empty_file=True,  # told in our own words
        max_length=LONGEST_NAME,
        error_messages={"required": "Choose a file first."},
    )

    def __init__(self, *args, resource: SheetResource, **kwargs):
        super().__init__(*args, **kwargs)
        self.resource = resource

    def clean_import_file(self):
        upload = self.cleaned_data["import_file"]
        try:
            # Not a byte more than we would read is taken into memory.
            self.sheet, self.text = read_sheet(
                upload.name, upload.read(MOST_BYTES + 1), self.resource.columns, self.resource.most_rows
            )
            check_key(self.resource, self.sheet)
        except WrongSheet as problem:
            raise forms.ValidationError(str(problem)) from None
        return upload


def check_key(resource: SheetResource, sheet: Sheet) -> None:
    """Without its key columns nobody can tell which thing a row is about."""
    missing = [name for name in resource.key if name not in sheet.headings]
    if missing:
        raise WrongSheet(f"The first row needs the heading{'s' * (len(missing) > 1)} {', '.join(missing)}.")


def run(resource: SheetResource, sheet: Sheet, user, file_name: str, *, dry_run: bool):
    """Import a sheet, all of it or nothing; dry: nothing, whatever it says."""
    dataset = tablib.Dataset(*sheet.rows, headers=sheet.headings)
    return resource.import_data(
        dataset,
        dry_run=dry_run,
        rollback_on_validation_errors=True,
        file_name=file_name,
        user=user,
        numbers=sheet.numbers,
    )


def kept_until_confirmed(user, model: str, file_name: str, text: str) -> WaitingImport:
    """Keep a sheet for its importer alone; their sheet before it, and what others left behind, go."""
    WaitingImport.objects.over().delete()
    WaitingImport.objects.filter(by=user, model=model).delete()
    return WaitingImport.objects.create(by=user, model=model, file_name=file_name, text=text)


class SheetAdmin(ImportMixin, ExportMixin):
    """A mixin of a ModelAdmin: its rows as a sheet. ``sheet`` is the resource."""

    sheet: type[SheetResource]
    import_export_change_list_template = "newsroom/suggesting_change_list.html"
    export_form_class = ExportForm
    export_template_name = "newsroom/sheet_export.html"
    formats = FORMATS

    def has_import_permission(self, request) -> bool:
        """Whoever may suggest a change may import many of them."""
        return may(request.user, "view", self.model) and may(request.user, "add", SuggestedChange)

    def has_export_permission(self, request) -> bool:
        return may(request.user, "view", self.model)

    def get_resource_classes(self, request):
        return [self.sheet]

    # --- In ---

    def import_action(self, request: HttpRequest, **kwargs):
        """The page for a file; with one, what it would do."""
        if not self.has_import_permission(request):
            raise PermissionDenied
        is_sent = request.method == "POST"
        form = SheetForm(request.POST if is_sent else None, request.FILES if is_sent else None, resource=self.sheet())
        context = {}
        if is_sent and form.is_valid():
            context = self._look(request, form)
        return self._import_page(request, form, context)

    def _look(self, request, form: SheetForm) -> dict:
        file_name, sheet = form.cleaned_data["import_file"].name, form.sheet
        result = run(self.sheet(), sheet, request.user, file_name, dry_run=True)
        faults = rows_without_columns(result, sheet.numbers)
        for error in result.base_errors:
            faults.insert(0, ("", "", str(error.error)))
        waiting = None
        totals = result.totals
        changes = totals[RowResult.IMPORT_TYPE_NEW] + totals[RowResult.IMPORT_TYPE_UPDATE]
        if not faults and changes:
            waiting = kept_until_confirmed(request.user, self.opts.label_lower, file_name, form.text)
        return {
            "looked_at": True,
            "file_name": file_name,
            "notes": sheet.notes,
            "faults": faults[:FAULTS_SHOWN],
            "more_faults": max(0, len(faults) - FAULTS_SHOWN),
            "fault_count": len(faults),
            "waiting": waiting,
            "new_count": totals[RowResult.IMPORT_TYPE_NEW],
            "changed_count": totals[RowResult.IMPORT_TYPE_UPDATE],
            "skipped_count": totals[RowResult.IMPORT_TYPE_SKIP],
            "changes": [row for row in result.rows if row.diff],
            "more_changes": max(0, changes - DIFFS_SHOWN),
        }

    def _import_page(self, request, form: SheetForm, context: dict, status: int = 200) -> TemplateResponse:
        resource = self.sheet()
        request.current_app = self.admin_site.name
        return TemplateResponse(
            request,
            "newsroom/sheet_import.html",
            {
                **self.admin_site.each_context(request),
                "title": f"Import {self.opts.verbose_name_plural}",
                "opts": self.opts,
                "form": form,
                "columns": self.explained(resource),
                "key": resource.key,
                "becomes": resource.becomes,
                "most_rows": resource.most_rows,
                **context,
            },
            status=status,
        )

    def explained(self, resource: SheetResource) -> list[tuple[str, str]]:
        """Each column with what it holds."""
        return [(name, resource.explain(name)) for name in resource.columns]

    @method_decorator(require_POST)
    def process_import(self, request: HttpRequest, **kwargs) -> HttpResponseRedirect | TemplateResponse:
        """Import what its importer has just looked at; once more all of it or nothing."""
        if not self.has_import_permission(request):
            raise PermissionDenied
        key = request.POST.get("waiting", "")
        own = WaitingImport.objects.of(request.user, self.opts.label_lower)
        waiting = own.filter(pk=int(key)).first() if key.isascii() and key.isdecimal() and len(key) < 19 else None
        if waiting is None:
            messages.error(request, "That sheet does not wait any more: nothing was imported. Choose the file again.")
            return HttpResponseRedirect(reverse(f"admin:{self._name('import')}"))
        resource = self.sheet()
        sheet = parse(waiting.file_name, waiting.text, resource.columns, resource.most_rows)
        result = run(resource, sheet, request.user, waiting.file_name, dry_run=False)
        waiting.delete()
        if result.has_errors() or result.has_validation_errors():
            messages.error(request, "Something changed since you looked: nothing was imported. Look again.")
            faults = rows_without_columns(result, sheet.numbers)
            context = {
                "looked_at": True,
                "file_name": waiting.file_name,
                "faults": faults[:FAULTS_SHOWN],
                "more_faults": max(0, len(faults) - FAULTS_SHOWN),
                "fault_count": len(faults),
            }
            return self._import_page(request, SheetForm(resource=resource), context)
        made = result.totals[RowResult.IMPORT_TYPE_NEW] + result.totals[RowResult.IMPORT_TYPE_UPDATE]
        messages.success(request, self.imported_words(made, result.totals[RowResult.IMPORT_TYPE_SKIP]))
        return HttpResponseRedirect(self.after_import_url())

    def imported_words(self, made: int, skipped: int) -> str:
        return (
            f"{made:,} suggestion{'' if made == 1 else 's'} from your sheet wait{'s' if made == 1 else ''} for a "
            f"publisher; {skipped:,} row{'' if skipped == 1 else 's'} had nothing new. Readers see no change yet."
        )

    def after_import_url(self) -> str:
        return reverse("admin:safety_site_suggestedchange_changelist")

    def _name(self, kind: str) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_{kind}"

    # --- Out ---

    def get_export_queryset(self, request):
        """The rows of the list as it is filtered; all of them where the address asks for something odd."""
        try:
            return super().get_export_queryset(request)
        except IncorrectLookupParameters:
            return self.get_queryset(request)

    def get_valid_export_item_pks(self, request):
        return []  # a whole list, never chosen rows

    def get_export_data(self, file_format, request, queryset, **kwargs):
        # Excel takes a file without this mark for Windows text, and spoils every ’ and £ when it saves.
        kwargs["encoding"] = "utf-8" if file_format.get_extension() == "json" else "utf-8-sig"
        return super().get_export_data(file_format, request, queryset, **kwargs)
