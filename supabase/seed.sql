-- Demo data in Arabic and English. Everything has a fixed id, so running it again adds nothing; times are relative to
-- the moment it runs. The password of every account is `ruwad-demo`: never load this into a project with real people.

-- People --------------------------------------------------------------------------------------------------------------
-- The empty strings are not decoration: GoTrue cannot read NULL tokens. Profiles are made by the trigger on auth.users.

insert into auth.users (
  instance_id, id, aud, role, email, encrypted_password, email_confirmed_at, raw_app_meta_data, raw_user_meta_data,
  created_at, updated_at, confirmation_token, recovery_token, email_change_token_new, email_change
)
select
  '00000000-0000-0000-0000-000000000000', id::uuid, 'authenticated', 'authenticated', email,
  extensions.crypt('ruwad-demo', extensions.gen_salt('bf')), now(), '{"provider": "email", "providers": ["email"]}',
  jsonb_build_object('name', name, 'name_ar', name_ar, 'preferred_language', language), now() - joined::interval, now(),
  '', '', '', ''
from (values
  ('a0000000-0000-4000-8000-000000000001', 'admin@ruwad.example', 'Abdullah Al-Harbi', 'عبدالله الحربي', 'ar', '180 days'),
  ('a0000000-0000-4000-8000-000000000002', 'sara@ruwad.example', 'Sara Al-Qahtani', 'سارة القحطاني', 'ar', '95 days'),
  ('a0000000-0000-4000-8000-000000000003', 'omar@ruwad.example', 'Omar Al-Zahrani', 'عمر الزهراني', 'en', '70 days'),
  ('a0000000-0000-4000-8000-000000000004', 'layla@ruwad.example', 'Layla Al-Shammari', 'ليلى الشمري', 'ar', '120 days'),
  ('a0000000-0000-4000-8000-000000000005', 'noura@ruwad.example', 'Noura Al-Otaibi', 'نورة العتيبي', 'ar', '20 days'),
  ('a0000000-0000-4000-8000-000000000006', 'khalid@ruwad.example', 'Khalid Al-Dosari', 'خالد الدوسري', 'en', '3 days')
) as person (id, email, name, name_ar, language, joined)
on conflict (id) do nothing;

insert into auth.identities (id, provider_id, user_id, identity_data, provider, last_sign_in_at, created_at, updated_at)
select u.id, u.id, u.id,
  jsonb_build_object('sub', u.id, 'email', u.email, 'email_verified', true, 'phone_verified', false),
  'email', now(), u.created_at, now()
from auth.users u where u.email like '%@ruwad.example'
on conflict (provider_id, provider) do nothing;

update public.profiles p
set created_at = u.created_at, department = d.department, position = d.position, bio = d.bio
from auth.users u
join (values
  ('admin@ruwad.example', 'إدارة الابتكار', 'مدير المنصة', 'يشرف على منصة روّاد وبرامجها.'),
  ('sara@ruwad.example', 'الحلول الرقمية', 'مبتكرة', 'مهندسة برمجيات تهتم بالصحة الرقمية وإمكانية الوصول.'),
  ('omar@ruwad.example', 'Clean energy', 'Innovator', 'Builds low-cost sensors for water and energy.'),
  ('layla@ruwad.example', 'مركز الخبراء', 'خبيرة مدن ذكية', 'خمسة عشر عامًا في تخطيط النقل الحضري.'),
  ('noura@ruwad.example', 'إدارة الفعاليات', 'مديرة فعاليات', 'تنظّم الهاكاثونات وورش العمل.'),
  ('khalid@ruwad.example', 'Partnerships', 'Partnership manager', 'Brings companies and universities to the platform.')
) as d (email, department, position, bio) on d.email = u.email
where p.id = u.id and p.department is null;

insert into public.user_roles (id, user_id, role, granted_by) values
  ('a1000000-0000-4000-8000-000000000001', 'a0000000-0000-4000-8000-000000000001', 'super_admin', null),
  ('a1000000-0000-4000-8000-000000000002', 'a0000000-0000-4000-8000-000000000001', 'admin', null),
  ('a1000000-0000-4000-8000-000000000003', 'a0000000-0000-4000-8000-000000000002', 'innovator', 'a0000000-0000-4000-8000-000000000001'),
  ('a1000000-0000-4000-8000-000000000004', 'a0000000-0000-4000-8000-000000000003', 'innovator', 'a0000000-0000-4000-8000-000000000001'),
  ('a1000000-0000-4000-8000-000000000005', 'a0000000-0000-4000-8000-000000000004', 'domain_expert', 'a0000000-0000-4000-8000-000000000001'),
  ('a1000000-0000-4000-8000-000000000006', 'a0000000-0000-4000-8000-000000000004', 'evaluator', 'a0000000-0000-4000-8000-000000000001'),
  ('a1000000-0000-4000-8000-000000000007', 'a0000000-0000-4000-8000-000000000005', 'event_manager', 'a0000000-0000-4000-8000-000000000001'),
  ('a1000000-0000-4000-8000-000000000008', 'a0000000-0000-4000-8000-000000000006', 'partnership_manager', 'a0000000-0000-4000-8000-000000000001')
on conflict do nothing;

insert into public.innovation_team_members (id, user_id, cic_role, status, department, specialization, current_workload, max_concurrent_projects, join_date) values
  ('a2000000-0000-4000-8000-000000000001', 'a0000000-0000-4000-8000-000000000001', 'قائد الفريق', 'active', 'إدارة الابتكار', '{"استراتيجية","حوكمة"}', 4, 8, current_date - 180),
  ('a2000000-0000-4000-8000-000000000002', 'a0000000-0000-4000-8000-000000000004', 'خبيرة', 'active', 'مركز الخبراء', '{"نقل","مدن ذكية"}', 2, 5, current_date - 120),
  ('a2000000-0000-4000-8000-000000000003', 'a0000000-0000-4000-8000-000000000005', 'منسّقة', 'inactive', 'إدارة الفعاليات', '{"فعاليات"}', 0, 3, current_date - 20)
on conflict (id) do nothing;

-- Partners and opportunities ------------------------------------------------------------------------------------------

insert into public.partners (id, name, name_ar, partner_type, contact_person, capabilities, funding_capacity) values
  ('b0000000-0000-4000-8000-000000000001', 'Najd Technologies', 'نجد للتقنية', 'corporate', 'Faisal Al-Mutairi', '{"cloud","iot"}', 5000000),
  ('b0000000-0000-4000-8000-000000000002', 'Red Sea University', 'جامعة البحر الأحمر', 'academic', 'د. هند العمري', '{"بحث","مختبرات"}', 1200000),
  ('b0000000-0000-4000-8000-000000000003', 'Tuwaiq Ventures', 'طويق للاستثمار', 'corporate', 'Reem Al-Ghamdi', '{"funding","mentoring"}', 20000000)
on conflict (id) do nothing;

insert into public.opportunities (
  id, title_ar, title_en, description_ar, description_en, opportunity_type, budget_min, budget_max, deadline, status,
  manager_id, created_by, contact_person, requirements, benefits, priority_level, visibility, location, created_at
) values
  ('f0000000-0000-4000-8000-000000000001', 'رعاية هاكاثون المياه', 'Sponsor the water hackathon',
    'فرصة لرعاية هاكاثون وطني يجمع مئتي مبتكر لإيجاد حلول لترشيد استهلاك المياه.', 'A national hackathon: two hundred innovators on saving water.',
    'sponsorship', 50000, 200000, current_date + 40, 'open', 'a0000000-0000-4000-8000-000000000006', 'a0000000-0000-4000-8000-000000000001',
    'خالد الدوسري', '[{"ar": "سجل تجاري ساري", "en": "Valid commercial registration"}]', '[{"ar": "ظهور الشعار في الفعالية", "en": "Logo at the event"}]', 'high', 'public', 'الرياض', now() - interval '9 days'),
  ('f0000000-0000-4000-8000-000000000002', 'مختبر مشترك للطاقة المتجددة', 'Joint renewable energy lab',
    'شراكة بحثية لإنشاء مختبر يختبر الخلايا الشمسية في الأجواء المغبرة.', 'A research partnership: testing solar cells in dusty air.',
    'research', 300000, 900000, current_date + 90, 'open', 'a0000000-0000-4000-8000-000000000006', 'a0000000-0000-4000-8000-000000000006',
    'د. هند العمري', '[]', '[{"ar": "ملكية فكرية مشتركة", "en": "Shared intellectual property"}]', 'medium', 'public', 'جدة', now() - interval '5 days'),
  ('f0000000-0000-4000-8000-000000000003', 'تحالف البيانات المفتوحة', null,
    'تعاون بين الجهات لنشر بيانات النقل العام بصيغة مفتوحة يستفيد منها المطورون.', null,
    'collaboration', null, null, current_date + 25, 'open', null, 'a0000000-0000-4000-8000-000000000001',
    null, '[]', '[]', 'medium', 'public', 'عن بُعد', now() - interval '2 days'),
  ('f0000000-0000-4000-8000-000000000004', 'خطة الشراكات للعام القادم', 'Partnership plan for next year',
    'مسودة داخلية لأولويات الشراكات، للفريق فقط.', 'Internal draft of priorities, for the team only.',
    'strategic', null, null, null, 'open', 'a0000000-0000-4000-8000-000000000006', 'a0000000-0000-4000-8000-000000000001',
    null, '[]', '[]', 'low', 'internal', null, now() - interval '1 day')
on conflict (id) do nothing;

-- Challenges ----------------------------------------------------------------------------------------------------------

insert into public.challenges (
  id, title_ar, description_ar, status, priority_level, challenge_type, vision_2030_goal, start_date, end_date,
  estimated_budget, assigned_expert_id, challenge_owner_id, partner_organization_id, created_by, created_at
) values
  ('c0000000-0000-4000-8000-000000000001', 'ترشيد استهلاك المياه في المباني الحكومية', 'كيف نخفض استهلاك المياه في المباني الحكومية بنسبة ثلاثين بالمئة دون المساس براحة المستفيدين؟', 'active', 'high', 'استدامة', 'بيئة مستدامة', current_date - 20, current_date + 25, 400000, 'a0000000-0000-4000-8000-000000000004', 'a0000000-0000-4000-8000-000000000001', 'b0000000-0000-4000-8000-000000000001', 'a0000000-0000-4000-8000-000000000001', now() - interval '30 days'),
  ('c0000000-0000-4000-8000-000000000002', 'تقليل زمن الانتظار في أقسام الطوارئ', 'نبحث عن حلول تقلّص زمن انتظار المرضى وتوجّه الحالات إلى القسم المناسب.', 'published', 'critical', 'صحة', 'مجتمع حيوي', current_date - 5, current_date + 60, 750000, null, 'a0000000-0000-4000-8000-000000000001', 'b0000000-0000-4000-8000-000000000002', 'a0000000-0000-4000-8000-000000000001', now() - interval '22 days'),
  ('c0000000-0000-4000-8000-000000000003', 'نقل مدرسي آمن وذكي', 'تحسين سلامة الطلاب في الحافلات المدرسية وإطلاع الأهالي على موعد الوصول.', 'active', 'medium', 'نقل', 'مجتمع حيوي', current_date - 12, current_date + 40, 250000, 'a0000000-0000-4000-8000-000000000004', null, null, 'a0000000-0000-4000-8000-000000000001', now() - interval '18 days'),
  ('c0000000-0000-4000-8000-000000000004', 'الحد من هدر الطعام في المواسم', 'حلول لجمع فائض الطعام في موسم الحج ورمضان وإيصاله إلى المحتاجين بأمان.', 'planning', 'high', 'استدامة', 'مجتمع حيوي', current_date + 15, current_date + 90, 180000, null, null, null, 'a0000000-0000-4000-8000-000000000001', now() - interval '10 days'),
  ('c0000000-0000-4000-8000-000000000005', 'خدمات حكومية ميسّرة لذوي الإعاقة', 'تصميم تجارب رقمية يستخدمها الجميع، بما فيها قارئات الشاشة ولغة الإشارة.', 'evaluation', 'medium', 'تحول رقمي', 'حكومة فاعلة', current_date - 80, current_date - 4, 320000, null, 'a0000000-0000-4000-8000-000000000001', 'b0000000-0000-4000-8000-000000000003', 'a0000000-0000-4000-8000-000000000001', now() - interval '95 days'),
  ('c0000000-0000-4000-8000-000000000006', 'تشجير الأحياء السكنية', 'كيف نزيد الغطاء النباتي في الأحياء باستخدام المياه المعالجة ومشاركة السكان؟', 'draft', 'low', 'بيئة', 'بيئة مستدامة', null, null, null, null, null, null, 'a0000000-0000-4000-8000-000000000001', now() - interval '2 days')
on conflict (id) do nothing;

insert into public.challenge_participants (id, challenge_id, user_id, participation_type, team_name, status, registration_date) values
  ('c1000000-0000-4000-8000-000000000001', 'c0000000-0000-4000-8000-000000000001', 'a0000000-0000-4000-8000-000000000002', 'team_lead', 'قطرة', 'active', now() - interval '15 days'),
  ('c1000000-0000-4000-8000-000000000002', 'c0000000-0000-4000-8000-000000000001', 'a0000000-0000-4000-8000-000000000003', 'individual', null, 'active', now() - interval '14 days'),
  ('c1000000-0000-4000-8000-000000000003', 'c0000000-0000-4000-8000-000000000002', 'a0000000-0000-4000-8000-000000000002', 'individual', null, 'registered', now() - interval '4 days'),
  ('c1000000-0000-4000-8000-000000000004', 'c0000000-0000-4000-8000-000000000003', 'a0000000-0000-4000-8000-000000000003', 'team_member', 'Safe Wheels', 'active', now() - interval '9 days')
on conflict do nothing;

insert into public.challenge_comments (id, challenge_id, user_id, parent_comment_id, content, created_at, updated_at) values
  ('c2000000-0000-4000-8000-000000000001', 'c0000000-0000-4000-8000-000000000001', 'a0000000-0000-4000-8000-000000000002', null, 'هل تتوفر بيانات الاستهلاك الشهرية لكل مبنى؟ نحتاجها لتدريب النموذج.', now() - interval '3 days', now() - interval '3 days'),
  ('c2000000-0000-4000-8000-000000000002', 'c0000000-0000-4000-8000-000000000001', 'a0000000-0000-4000-8000-000000000004', 'c2000000-0000-4000-8000-000000000001', 'نعم، ستُنشر البيانات لآخر ثلاث سنوات هذا الأسبوع في مكتبة التحدي.', now() - interval '2 days 20 hours', now() - interval '2 days 20 hours'),
  ('c2000000-0000-4000-8000-000000000003', 'c0000000-0000-4000-8000-000000000001', 'a0000000-0000-4000-8000-000000000003', null, 'Our sensor costs less than 40 riyals and runs two years on one battery. Happy to lend ten of them for a pilot.', now() - interval '1 day', now() - interval '1 day'),
  ('c2000000-0000-4000-8000-000000000004', 'c0000000-0000-4000-8000-000000000001', 'a0000000-0000-4000-8000-000000000002', 'c2000000-0000-4000-8000-000000000003', 'عرض رائع يا عمر، لنتواصل ونجرّبها في مبنيين أولًا.', now() - interval '5 hours', now() - interval '5 hours'),
  ('c2000000-0000-4000-8000-000000000005', 'c0000000-0000-4000-8000-000000000003', 'a0000000-0000-4000-8000-000000000004', null, 'أقترح البدء بمسارين في حيّين مختلفين وقياس دقة وقت الوصول قبل التوسع.', now() - interval '8 hours', now() - interval '8 hours')
on conflict (id) do nothing;

insert into public.challenge_notifications (id, challenge_id, recipient_id, sender_id, notification_type, title, message, is_read, action_url, metadata, created_at) values
  ('c3000000-0000-4000-8000-000000000001', 'c0000000-0000-4000-8000-000000000001', 'a0000000-0000-4000-8000-000000000002', 'a0000000-0000-4000-8000-000000000004', 'expert_feedback', 'ملاحظات خبير', 'أضافت ليلى الشمري ملاحظات على مشاركتكم في تحدي ترشيد المياه.', false, '/challenges/c0000000-0000-4000-8000-000000000001', '{}', now() - interval '6 hours'),
  ('c3000000-0000-4000-8000-000000000002', 'c0000000-0000-4000-8000-000000000001', 'a0000000-0000-4000-8000-000000000002', null, 'deadline_reminder', 'تذكير بالموعد النهائي', 'بقي خمسة وعشرون يومًا على إغلاق استقبال الحلول.', false, '/challenges/c0000000-0000-4000-8000-000000000001', '{"days_left": 25}', now() - interval '1 day'),
  ('c3000000-0000-4000-8000-000000000003', 'c0000000-0000-4000-8000-000000000002', 'a0000000-0000-4000-8000-000000000002', 'a0000000-0000-4000-8000-000000000001', 'status_change', 'تحديث حالة التحدي', 'نُشر تحدي تقليل زمن الانتظار في أقسام الطوارئ.', true, '/challenges/c0000000-0000-4000-8000-000000000002', '{"old_status": "planning", "new_status": "published"}', now() - interval '5 days'),
  ('c3000000-0000-4000-8000-000000000004', 'c0000000-0000-4000-8000-000000000003', 'a0000000-0000-4000-8000-000000000003', 'a0000000-0000-4000-8000-000000000004', 'new_comment', 'New comment', 'Layla Al-Shammari commented on the school bus challenge.', false, '/challenges/c0000000-0000-4000-8000-000000000003', '{}', now() - interval '8 hours'),
  ('c3000000-0000-4000-8000-000000000005', 'c0000000-0000-4000-8000-000000000001', 'a0000000-0000-4000-8000-000000000003', null, 'submission_update', 'استلمنا مشاركتك', 'وصلت مشاركتك في تحدي ترشيد المياه وستُراجع خلال أسبوع.', false, null, '{}', now() - interval '2 days')
on conflict (id) do nothing;

-- Events --------------------------------------------------------------------------------------------------------------

insert into public.events (
  id, title_ar, description_ar, event_date, end_date, start_time, end_time, event_type, event_category, event_visibility,
  format, location, virtual_link, status, max_participants, registered_participants, event_manager_id, challenge_id, created_at
) values
  ('e0000000-0000-4000-8000-000000000001', 'هاكاثون المياه', 'ثماني وأربعون ساعة لبناء نماذج أولية ترشّد استهلاك المياه.', current_date + 7, current_date + 8, '09:00', '21:00', 'hackathon', 'تحديات', 'public', 'in_person', 'مركز الملك عبدالعزيز، الرياض', null, 'upcoming', 200, 2, 'a0000000-0000-4000-8000-000000000005', 'c0000000-0000-4000-8000-000000000001', now() - interval '12 days'),
  ('e0000000-0000-4000-8000-000000000002', 'ورشة التفكير التصميمي', 'من المشكلة إلى النموذج الأولي في يوم واحد.', current_date + 3, null, '16:00', '19:00', 'workshop', 'تدريب', 'public', 'virtual', null, 'https://meet.example/design-thinking', 'upcoming', 60, 1, 'a0000000-0000-4000-8000-000000000005', null, now() - interval '11 days'),
  ('e0000000-0000-4000-8000-000000000003', 'ملتقى روّاد السنوي', 'اللقاء الأكبر للمبتكرين والشركاء والخبراء.', current_date + 45, current_date + 46, '08:30', '17:00', 'conference', 'ملتقيات', 'public', 'hybrid', 'واجهة جدة البحرية', 'https://meet.example/summit', 'planning', 1500, 0, 'a0000000-0000-4000-8000-000000000005', null, now() - interval '10 days'),
  ('e0000000-0000-4000-8000-000000000004', 'لقاء خبراء النقل', 'جلسة أسئلة وأجوبة حول تحدي النقل المدرسي.', current_date, null, '19:00', '20:30', 'seminar', 'تحديات', 'public', 'virtual', null, 'https://meet.example/transport', 'active', 100, 2, 'a0000000-0000-4000-8000-000000000005', 'c0000000-0000-4000-8000-000000000003', now() - interval '8 days'),
  ('e0000000-0000-4000-8000-000000000005', 'معرض الابتكارات الطلابية', 'مشاريع طلاب الجامعات في الطاقة والصحة والبيئة.', current_date + 20, current_date + 22, '10:00', '18:00', 'exhibition', 'معارض', 'public', 'in_person', 'جامعة البحر الأحمر، جدة', null, 'upcoming', 800, 0, 'a0000000-0000-4000-8000-000000000005', null, now() - interval '6 days'),
  ('e0000000-0000-4000-8000-000000000006', 'ندوة الملكية الفكرية للمبتكرين', 'كيف تحمي فكرتك قبل عرضها على المستثمرين.', current_date - 10, null, '18:00', '19:30', 'seminar', 'تدريب', 'public', 'virtual', null, 'https://meet.example/ip', 'completed', 120, 0, 'a0000000-0000-4000-8000-000000000005', null, now() - interval '25 days'),
  ('e0000000-0000-4000-8000-000000000007', 'ورشة كتابة المقترحات', 'تدريب عملي على إعداد عرض حل متكامل.', current_date + 12, null, '17:00', '20:00', 'workshop', 'تدريب', 'internal', 'in_person', 'مقر روّاد، الرياض', null, 'planning', 30, 0, 'a0000000-0000-4000-8000-000000000005', 'c0000000-0000-4000-8000-000000000002', now() - interval '3 days'),
  ('e0000000-0000-4000-8000-000000000008', 'يوم الشركاء', 'لقاء يعرّف الشركات بفرص الرعاية والبحث المشترك.', current_date + 30, null, '11:00', '15:00', 'conference', 'شراكات', 'public', 'hybrid', 'فندق الواحة، الدمام', 'https://meet.example/partners', 'upcoming', 150, 0, 'a0000000-0000-4000-8000-000000000005', null, now() - interval '1 day')
on conflict (id) do nothing;

insert into public.event_participants (id, event_id, user_id, attendance_status, registration_date) values
  ('e1000000-0000-4000-8000-000000000001', 'e0000000-0000-4000-8000-000000000001', 'a0000000-0000-4000-8000-000000000002', 'registered', now() - interval '4 days'),
  ('e1000000-0000-4000-8000-000000000002', 'e0000000-0000-4000-8000-000000000001', 'a0000000-0000-4000-8000-000000000003', 'registered', now() - interval '3 days'),
  ('e1000000-0000-4000-8000-000000000003', 'e0000000-0000-4000-8000-000000000002', 'a0000000-0000-4000-8000-000000000002', 'registered', now() - interval '2 days'),
  ('e1000000-0000-4000-8000-000000000004', 'e0000000-0000-4000-8000-000000000004', 'a0000000-0000-4000-8000-000000000003', 'registered', now() - interval '5 days'),
  ('e1000000-0000-4000-8000-000000000005', 'e0000000-0000-4000-8000-000000000004', 'a0000000-0000-4000-8000-000000000004', 'registered', now() - interval '6 days')
on conflict do nothing;

-- Ideas ---------------------------------------------------------------------------------------------------------------

insert into public.innovators (id, user_id, innovation_background, experience_level, areas_of_interest, innovation_score, total_ideas_submitted, total_ideas_approved) values
  ('d1000000-0000-4000-8000-000000000001', 'a0000000-0000-4000-8000-000000000001', 'إدارة برامج الابتكار', 'advanced', '{"حوكمة","خدمات حكومية"}', 60, 1, 0),
  ('d1000000-0000-4000-8000-000000000002', 'a0000000-0000-4000-8000-000000000002', 'هندسة برمجيات وتصميم تجربة المستخدم', 'advanced', '{"صحة رقمية","إمكانية الوصول"}', 82.5, 3, 1),
  ('d1000000-0000-4000-8000-000000000003', 'a0000000-0000-4000-8000-000000000003', 'Electrical engineering, embedded systems', 'intermediate', '{"water","energy"}', 74, 3, 1)
on conflict (id) do nothing;

insert into public.ideas (id, title_ar, description_ar, innovator_id, challenge_id, status, maturity_level, solution_approach, expected_impact, overall_score, created_at, updated_at) values
  ('d0000000-0000-4000-8000-000000000001', 'مساعد فرز ذكي للطوارئ', 'تطبيق يسأل المريض عند وصوله أسئلة قصيرة ويقترح درجة الأولوية للممرض.', 'd1000000-0000-4000-8000-000000000002', 'c0000000-0000-4000-8000-000000000002', 'under_review', 'prototype', 'نموذج لغوي عربي مع قواعد طبية معتمدة', 'تقليل زمن الفرز إلى النصف', 71, now() - interval '12 days', now() - interval '2 days'),
  ('d0000000-0000-4000-8000-000000000002', 'لوحة وصول لذوي الإعاقة السمعية', 'ترجمة فورية لإعلانات المراكز الحكومية إلى لغة الإشارة على الشاشات.', 'd1000000-0000-4000-8000-000000000002', 'c0000000-0000-4000-8000-000000000005', 'approved', 'pilot', 'شخصية افتراضية تؤدي الإشارة', 'خدمة مئة ألف مستفيد', 88.5, now() - interval '60 days', now() - interval '6 days'),
  ('d0000000-0000-4000-8000-000000000003', 'تذكير المواعيد بالرسائل الصوتية', 'مكالمة قصيرة باللهجة المحلية تؤكد الموعد الطبي أو تعيد جدولته.', 'd1000000-0000-4000-8000-000000000002', null, 'draft', 'concept', null, null, null, now() - interval '1 day', now() - interval '1 day'),
  ('d0000000-0000-4000-8000-000000000004', 'حسّاس تسرب منخفض التكلفة', 'جهاز صغير يُثبت على الأنبوب ويكشف التسرب من صوته.', 'd1000000-0000-4000-8000-000000000003', 'c0000000-0000-4000-8000-000000000001', 'submitted', 'prototype', 'تحليل صوتي على المتحكم نفسه', 'خفض الهدر عشرين بالمئة', null, now() - interval '8 days', now() - interval '8 days'),
  ('d0000000-0000-4000-8000-000000000005', 'تتبع الحافلات دون إنترنت', 'شبكة لاسلكية بعيدة المدى تنقل موقع الحافلة في المناطق ضعيفة التغطية.', 'd1000000-0000-4000-8000-000000000003', 'c0000000-0000-4000-8000-000000000003', 'published', 'pilot', 'شبكة لورا بين المدارس', 'سلامة أعلى وكلفة تشغيل أقل', 79.25, now() - interval '30 days', now() - interval '10 days'),
  ('d0000000-0000-4000-8000-000000000006', 'ري الأشجار بمياه المكيفات', 'جمع الماء المتكاثف من مكيفات المباني وتوجيهه إلى أشجار الحي.', 'd1000000-0000-4000-8000-000000000003', null, 'rejected', 'concept', null, null, 42, now() - interval '50 days', now() - interval '35 days'),
  ('d0000000-0000-4000-8000-000000000007', 'سجل مفتوح لقرارات اللجان', 'نشر ملخص كل قرار وأسبابه، ليعرف أصحاب الأفكار ما الذي ينقصها.', 'd1000000-0000-4000-8000-000000000001', null, 'draft', 'concept', null, null, null, now() - interval '3 days', now() - interval '3 days')
on conflict (id) do nothing;

-- Bookmarks -----------------------------------------------------------------------------------------------------------

insert into public.challenge_bookmarks (id, user_id, challenge_id, created_at) values
  ('b1000000-0000-4000-8000-000000000001', 'a0000000-0000-4000-8000-000000000002', 'c0000000-0000-4000-8000-000000000001', now() - interval '10 days'),
  ('b1000000-0000-4000-8000-000000000002', 'a0000000-0000-4000-8000-000000000003', 'c0000000-0000-4000-8000-000000000003', now() - interval '7 days')
on conflict do nothing;
insert into public.idea_bookmarks (id, user_id, idea_id, created_at) values
  ('b2000000-0000-4000-8000-000000000001', 'a0000000-0000-4000-8000-000000000003', 'd0000000-0000-4000-8000-000000000002', now() - interval '5 days')
on conflict do nothing;
insert into public.event_bookmarks (id, user_id, event_id, created_at) values
  ('b3000000-0000-4000-8000-000000000001', 'a0000000-0000-4000-8000-000000000002', 'e0000000-0000-4000-8000-000000000003', now() - interval '4 days')
on conflict do nothing;
insert into public.opportunity_bookmarks (id, user_id, opportunity_id, created_at) values
  ('b4000000-0000-4000-8000-000000000001', 'a0000000-0000-4000-8000-000000000003', 'f0000000-0000-4000-8000-000000000002', now() - interval '3 days')
on conflict do nothing;
insert into public.partner_bookmarks (id, user_id, partner_id, notes, priority, created_at) values
  ('b5000000-0000-4000-8000-000000000001', 'a0000000-0000-4000-8000-000000000002', 'b0000000-0000-4000-8000-000000000001', 'شريك محتمل للتجربة الميدانية', 'high', now() - interval '2 days')
on conflict do nothing;

-- Analytics: 240 events over the last 24 hours, five kinds by turns, more of them in the recent hours -----------------

insert into public.analytics_events (id, event_type, properties, user_id, session_id, "timestamp", created_at)
select
  ('aa000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid,
  kind.event_type,
  case kind.event_type
    when 'page_load' then jsonb_build_object('load_time', 400 + (n * 37) % 1800)
    when 'challenge_view' then jsonb_build_object('challenge_id', 'c0000000-0000-4000-8000-00000000000' || (1 + n % 5))
    when 'error' then jsonb_build_object('error_count', 1 + n % 3)
    else jsonb_build_object('path', (array['/', '/challenges', '/events', '/ideas'])[1 + n % 4])
  end,
  ('a0000000-0000-4000-8000-00000000000' || (2 + n % 3))::uuid,
  'seed-' || (n % 12),
  happened.at, happened.at
from generate_series(1, 240) as n
cross join lateral (select (array['page_view', 'challenge_view', 'page_view', 'page_load', 'user_action', 'page_view', 'page_view', 'error'])[1 + n % 8] as event_type) kind
cross join lateral (select now() - make_interval(secs => n * n * 1.5) as at) happened
on conflict (id) do nothing;
